//! The hash chain of the audit log: what an event's hash covers, byte for byte, so that anybody can check it.

use aws_lc_rs::digest;

/// The parts of an event, in the order in which they are hashed.
#[derive(Debug, Clone, Copy)]
pub struct Chained<'a> {
    /// Hash of the event before; 32 zero bytes for the first.
    pub prev: &'a [u8],
    /// Place in the chain, from 1.
    pub seq: i64,
    /// Event id, 16 bytes.
    pub id: &'a [u8],
    /// Tenant id, 16 bytes.
    pub tenant: &'a [u8],
    /// Event name.
    pub event: &'a str,
    /// Milliseconds since the epoch.
    pub at: i64,
    /// User id, 16 bytes.
    pub user: Option<&'a [u8]>,
    /// Application id, 16 bytes.
    pub application: Option<&'a [u8]>,
    /// Who did it.
    pub actor: &'a str,
    /// From where.
    pub ip: &'a str,
    /// In which request.
    pub request_id: &'a str,
    /// The JSON text as stored.
    pub data: &'a str,
}

/// SHA-256 over the parts. Each part is preceded by its length (eight bytes, big endian), so that no two events can be cut
/// differently and give the same bytes; an absent part has the length 2^64 - 1.
pub fn chain_hash(event: &Chained<'_>) -> [u8; 32] {
    let mut context = digest::Context::new(&digest::SHA256);
    let mut part = |bytes: Option<&[u8]>| match bytes {
        Some(bytes) => {
            context.update(&(bytes.len() as u64).to_be_bytes());
            context.update(bytes);
        }
        None => context.update(&u64::MAX.to_be_bytes()),
    };
    part(Some(event.prev));
    part(Some(&event.seq.to_be_bytes()));
    part(Some(event.id));
    part(Some(event.tenant));
    part(Some(event.event.as_bytes()));
    part(Some(&event.at.to_be_bytes()));
    part(event.user);
    part(event.application);
    part(Some(event.actor.as_bytes()));
    part(Some(event.ip.as_bytes()));
    part(Some(event.request_id.as_bytes()));
    part(Some(event.data.as_bytes()));
    let mut out = [0; 32];
    out.copy_from_slice(context.finish().as_ref());
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_counts() {
        let event = Chained {
            prev: &[0; 32],
            seq: 1,
            id: &[1; 16],
            tenant: &[2; 16],
            event: "a",
            at: 5,
            user: None,
            application: Some(&[3; 16]),
            actor: "user",
            ip: "::1",
            request_id: "r",
            data: "{}",
        };
        let base = chain_hash(&event);
        for changed in [
            Chained { prev: &[1; 32], ..event },
            Chained { seq: 2, ..event },
            Chained { id: &[9; 16], ..event },
            Chained { tenant: &[9; 16], ..event },
            Chained { event: "b", ..event },
            Chained { at: 6, ..event },
            Chained { user: Some(&[]), ..event },
            Chained { application: None, ..event },
            Chained { actor: "use", ip: "r::1", ..event },
            Chained { request_id: "s", ..event },
            Chained { data: "{ }", ..event },
        ] {
            assert_ne!(chain_hash(&changed), base, "{changed:?}");
        }
    }
}
