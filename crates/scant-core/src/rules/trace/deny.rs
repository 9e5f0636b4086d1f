//! What never becomes a proposal, whoever asked for it: what the kernel makes, what is made at run
//! time, what is of one user or one machine, and secrets.

use core::fmt;

use crate::words::TreePath;

/// Why a path is never proposed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the sentences say it")]
pub enum Refusal {
    Kernel,
    Device,
    Secret,
    RunTime,
    Temporary,
    Home,
    Cache,
    Loader,
    Engine,
    Accounts,
    Log,
    NoFile,
    Name,
}

impl Refusal {
    /// Whether a person should know: what everything looks at is told only when asked for.
    pub fn is_worth_telling(self) -> bool {
        !matches!(
            self,
            Self::Kernel
                | Self::Device
                | Self::RunTime
                | Self::Temporary
                | Self::Cache
                | Self::Loader
                | Self::Engine
        )
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Kernel => "made by the running kernel",
            Self::Device => "a device",
            Self::Secret => "a secret",
            Self::RunTime => "made at run time",
            Self::Temporary => "a temporary file",
            Self::Home => "in a home directory",
            Self::Cache => "a cache",
            Self::Loader => "the loader's own file, which scant makes where it is needed",
            Self::Engine => "of this machine: container engines give each container its own",
            Self::Accounts => "the users of this machine: `accounts` declares those of the image",
            Self::Log => "a log",
            Self::NoFile => "no regular file",
            Self::Name => "not UTF-8, which a manifest cannot say: its directory can be declared",
        })
    }
}

/// Why a path is never proposed; none for what may be.
pub fn denied(path: &TreePath) -> Option<Refusal> {
    let components = || path.components();
    let first = components().next().unwrap_or_default();
    let second = components().nth(1).unwrap_or_default();
    let name = path.name().unwrap_or_default();
    let is = |literal: &[u8]| path.as_bytes() == literal;
    let ends = |end: &str| name.ends_with(end.as_bytes());
    let below = |directory: &'static str| path.below(&TreePath::literal(directory)).is_some();
    match (first, second) {
        (b"proc" | b"sys", _) => return Some(Refusal::Kernel),
        (b"dev", _) => return Some(Refusal::Device),
        (b"run", _) | (b"var", b"run" | b"lock")
            if below("/run/secrets") || below("/var/run/secrets") =>
        {
            return Some(Refusal::Secret);
        }
        (b"run", _) | (b"var", b"run" | b"lock") => return Some(Refusal::RunTime),
        (b"tmp", _) | (b"var", b"tmp") => return Some(Refusal::Temporary),
        (b"root" | b"home", _) => return Some(Refusal::Home),
        (b"var", b"cache") => return Some(Refusal::Cache),
        _ => {}
    }
    if components().any(|part| matches!(part, b".cache" | b"__pycache__")) || ends(".pyc") {
        return Some(Refusal::Cache);
    }
    if is(b"/etc/ld.so.cache") || is(b"/etc/ld.so.preload") {
        return Some(Refusal::Loader);
    }
    if ["/etc/hosts", "/etc/resolv.conf", "/etc/hostname", "/etc/mtab"]
        .iter()
        .any(|file| is(file.as_bytes()))
    {
        return Some(Refusal::Engine);
    }
    if is(b"/etc/passwd") || is(b"/etc/group") {
        return Some(Refusal::Accounts);
    }
    if is_secret(path, name) {
        return Some(Refusal::Secret);
    }
    if below("/var/log") || ends(".log") {
        return Some(Refusal::Log);
    }
    if ends(".pid") || ends(".lock") {
        return Some(Refusal::RunTime);
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
    fn case(reason: Option<Refusal>, paths: &[&str]) {
        for path in paths {
            assert_eq!(denied(&TreePath::parse(path).unwrap()), reason, "{path}");
        }
    }

    #[test]
    fn what_is_never_proposed() {
        case(Some(Refusal::Secret), &["/etc/shadow", "/etc/ssl/private/x.pem", "/srv/tls.key"]);
        case(
            Some(Refusal::Secret),
            &["/run/secrets/db", "/etc/ssh/ssh_host_rsa_key", "/srv/id_ed25519"],
        );
        case(Some(Refusal::Home), &["/root/.config", "/home/me/x"]);
        case(Some(Refusal::Temporary), &["/tmp/x", "/var/tmp/x"]);
        case(
            Some(Refusal::Cache),
            &["/var/cache/x", "/usr/lib/p/__pycache__/a.pyc", "/srv/.cache/a"],
        );
        case(Some(Refusal::Kernel), &["/proc/self/maps", "/sys/fs"]);
        case(Some(Refusal::Log), &["/var/log/app", "/srv/app.log"]);
        case(Some(Refusal::RunTime), &["/run/app.sock", "/var/run/x", "/srv/app.pid"]);
        case(Some(Refusal::Device), &["/dev/tty"]);
        case(Some(Refusal::Engine), &["/etc/hosts", "/etc/resolv.conf"]);
        case(Some(Refusal::Accounts), &["/etc/passwd"]);
    }

    #[test]
    fn what_only_looks_like_it_may_be_proposed() {
        case(None, &["/etc/ssl/certs/ca.pem", "/etc/hosts.allow", "/process", "/usr/lib/runner"]);
        case(None, &["/etc/ssh/ssh_host_rsa_key.pub", "/usr/share/keyrings/a.gpg", "/device"]);
    }
}
