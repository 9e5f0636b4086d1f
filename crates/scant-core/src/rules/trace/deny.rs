//! What never becomes a proposal, whoever asked for it: what the kernel makes, what is made at run
//! time, what is of one user or one machine, and secrets.

use crate::words::TreePath;

/// Why a path is never proposed; none for what may be.
pub fn denied(path: &TreePath) -> Option<&'static str> {
    let components = || path.components();
    let first = components().next().unwrap_or_default();
    let second = components().nth(1).unwrap_or_default();
    let name = path.name().unwrap_or_default();
    let is = |literal: &[u8]| path.as_bytes() == literal;
    let ends = |end: &str| name.ends_with(end.as_bytes());
    let below = |directory: &'static str| path.below(&TreePath::literal(directory)).is_some();
    match (first, second) {
        (b"proc" | b"sys", _) => return Some("made by the running kernel"),
        (b"dev", _) => return Some("a device"),
        (b"run", _) | (b"var", b"run" | b"lock")
            if below("/run/secrets") || below("/var/run/secrets") =>
        {
            return Some("a secret");
        }
        (b"run", _) | (b"var", b"run" | b"lock") => return Some("made at run time"),
        (b"tmp", _) | (b"var", b"tmp") => return Some("a temporary file"),
        (b"root" | b"home", _) => return Some("in a home directory"),
        (b"var", b"cache") => return Some("a cache"),
        _ => {}
    }
    if components().any(|part| matches!(part, b".cache" | b"__pycache__")) || ends(".pyc") {
        return Some("a cache");
    }
    if is(b"/etc/ld.so.cache") || is(b"/etc/ld.so.preload") {
        return Some("the loader's own file, which scant makes where it is needed");
    }
    if is_secret(path, name) {
        return Some("a secret");
    }
    if below("/var/log") || ends(".log") {
        return Some("a log");
    }
    if ends(".pid") || ends(".lock") {
        return Some("made at run time");
    }
    None
}

fn is_secret(path: &TreePath, name: &[u8]) -> bool {
    const FILES: [&str; 6] = [
        "/etc/shadow",
        "/etc/shadow-",
        "/etc/gshadow",
        "/etc/gshadow-",
        "/etc/krb5.keytab",
        "/etc/machine-id",
    ];
    const NAMES: [&[u8]; 9] = [
        b".netrc",
        b"_netrc",
        b".pgpass",
        b".my.cnf",
        b".git-credentials",
        b"credentials",
        b".htpasswd",
        b".env",
        b"authorized_keys",
    ];
    const ENDS: [&[u8]; 5] = [b".key", b".p12", b".pfx", b".jks", b".keytab"];
    let below = |directory: &'static str| path.below(&TreePath::literal(directory)).is_some();
    let is_host_key = |name: &[u8]| name.starts_with(b"ssh_host_") && !name.ends_with(b".pub");
    let is_own_key = |name: &[u8]| name.starts_with(b"id_") && !name.ends_with(b".pub");
    FILES.iter().any(|file| path.as_bytes() == file.as_bytes())
        || NAMES.contains(&name)
        || ENDS.iter().any(|end| name.ends_with(end))
        || below("/etc/ssl/private")
        || below("/etc/pki/tls/private")
        || path.components().any(|part| matches!(part, b".ssh" | b".gnupg" | b".aws" | b".kube"))
        || is_host_key(name)
        || is_own_key(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn case(reason: Option<&str>, paths: &[&str]) {
        for path in paths {
            assert_eq!(denied(&TreePath::parse(path).unwrap()), reason, "{path}");
        }
    }

    #[test]
    fn what_is_never_proposed() {
        case(Some("a secret"), &["/etc/shadow", "/etc/ssl/private/x.pem", "/srv/tls.key"]);
        case(
            Some("a secret"),
            &["/run/secrets/db", "/etc/ssh/ssh_host_rsa_key", "/srv/id_ed25519"],
        );
        case(Some("in a home directory"), &["/root/.config", "/home/me/x"]);
        case(Some("a temporary file"), &["/tmp/x", "/var/tmp/x"]);
        case(Some("a cache"), &["/var/cache/x", "/usr/lib/p/__pycache__/a.pyc", "/srv/.cache/a"]);
        case(Some("made by the running kernel"), &["/proc/self/maps", "/sys/fs"]);
        case(Some("a log"), &["/var/log/app", "/srv/app.log"]);
        case(Some("made at run time"), &["/run/app.sock", "/var/run/x", "/srv/app.pid"]);
        case(Some("a device"), &["/dev/tty"]);
    }

    #[test]
    fn what_only_looks_like_it_may_be_proposed() {
        case(None, &["/etc/ssl/certs/ca.pem", "/etc/passwd", "/process", "/usr/lib/runner"]);
        case(None, &["/etc/ssh/ssh_host_rsa_key.pub", "/usr/share/keyrings/a.gpg", "/device"]);
    }
}
