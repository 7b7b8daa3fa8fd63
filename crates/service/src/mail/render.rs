//! What the e-mails say: subject, text and HTML from a reason, a brand and a language.
