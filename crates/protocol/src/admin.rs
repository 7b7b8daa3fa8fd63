//! Administrators: people of a tenant who may run it, and how far each may go.
//!
//! Roles of a tenant's applications (`identity`) say what people may do in applications; these say what they may do here. The two
//! never mix: no application can give a place in the console.

/// How much an administrator is trusted with; each role may do what the ones before it may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AdminRole {
    /// Sees everything but secrets, changes nothing.
    Viewer,
    /// Helps people into their accounts.
    Support,
    /// Sets up applications, APIs, roles and users.
    Admin,
    /// Everything, other administrators and keys to the management API included.
    Owner,
}

/// What an act of administration needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Right {
    /// To look.
    Read,
    /// To help a person: block, verify, sign out, send mail.
    Help,
    /// To change how the tenant works, and to see a secret that was just made.
    Manage,
    /// To decide who else may administer, by person or by key.
    Own,
}

impl AdminRole {
    /// All of them, the least trusted first.
    pub const ALL: [Self; 4] = [Self::Viewer, Self::Support, Self::Admin, Self::Owner];

    /// Its word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Support => "support",
            Self::Admin => "admin",
            Self::Owner => "owner",
        }
    }

    /// Reads the word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == word)
    }

    /// Whether it has a right.
    pub fn may(self, right: Right) -> bool {
        match right {
            Right::Read => true,
            Right::Help => self >= Self::Support,
            Right::Manage => self >= Self::Admin,
            Right::Own => self >= Self::Owner,
        }
    }

    /// Whether it may change the account of somebody who has `other` themselves. Whoever can change an account can sign in to
    /// it, so nobody may change that of a more trusted one.
    pub fn may_change(self, other: Option<Self>) -> bool {
        other.is_none_or(|other| self >= other)
    }
}

/// Whose word an act upon somebody's account is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Authority {
    /// The person's whose account it is, proven as such.
    Themself,
    /// That of whoever runs the server: its commands, its configuration.
    Server,
    /// An administrator's.
    Administrator(AdminRole),
    /// A program's, whatever it may do to others: below every administrator.
    Program,
}

impl Authority {
    /// A key's: one that may say who administers is as good as an owner, any other one is a program.
    pub fn of_key(may_appoint: bool) -> Self {
        if may_appoint { Self::Administrator(AdminRole::Owner) } else { Self::Program }
    }

    /// Whether it may change credentials, identifiers and standing of an account. `whose` is the role of its owner.
    pub fn may_change(self, whose: Option<AdminRole>) -> bool {
        match self {
            Self::Themself | Self::Server => true,
            Self::Administrator(role) => role.may_change(whose),
            Self::Program => whose.is_none(),
        }
    }

    /// Whether it may say who administers.
    pub fn may_appoint(self) -> bool {
        match self {
            Self::Server => true,
            Self::Administrator(role) => role.may(Right::Own),
            Self::Themself | Self::Program => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use AdminRole::{Admin, Owner, Support, Viewer};

    #[test]
    fn each_role_has_its_rights_and_no_more() {
        let table = [(Right::Read, Viewer), (Right::Help, Support), (Right::Manage, Admin), (Right::Own, Owner)];
        for (right, least) in table {
            for role in AdminRole::ALL {
                assert_eq!(role.may(right), role >= least, "{role:?} {right:?}");
            }
        }
    }

    #[test]
    fn nobody_changes_the_account_of_a_more_trusted_one() {
        assert!(Support.may_change(None) && Support.may_change(Some(Viewer)) && Support.may_change(Some(Support)));
        assert!(!Support.may_change(Some(Admin)) && !Admin.may_change(Some(Owner)) && Owner.may_change(Some(Owner)));
    }

    #[test]
    fn a_program_stands_below_every_administrator() {
        for role in AdminRole::ALL {
            assert!(!Authority::Program.may_change(Some(role)), "{role:?}");
            assert!(Authority::Themself.may_change(Some(role)) && Authority::Server.may_change(Some(role)));
            assert!(Authority::of_key(true).may_change(Some(role)) && !Authority::of_key(false).may_change(Some(role)));
            assert_eq!(Authority::Administrator(Support).may_change(Some(role)), role <= Support, "{role:?}");
            assert_eq!(Authority::Administrator(role).may_appoint(), role == Owner, "{role:?}");
        }
        assert!(Authority::Program.may_change(None));
        assert!(!Authority::Program.may_appoint() && !Authority::Themself.may_appoint() && Authority::Server.may_appoint());
    }

    #[test]
    fn words_are_read_exactly() {
        for role in AdminRole::ALL {
            assert_eq!(AdminRole::parse(role.as_str()), Some(role));
        }
        assert_eq!(AdminRole::parse("Owner"), None);
        assert_eq!(AdminRole::parse(""), None);
    }
}
