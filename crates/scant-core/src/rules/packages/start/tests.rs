//! What lines of scripts and lists say of users, and what names mean.

use alloc::string::ToString;
use alloc::vec;
use alloc::vec::Vec;

use super::accounts::of_script;
use super::programs::{is_kin, meant, stem};
use crate::words::TreePath;

#[track_caller]
fn script(text: &str, expected: &[(&str, &str)]) {
    let found = of_script(text).into_iter();
    let found: Vec<_> = found.map(|(name, home)| (name, home.unwrap_or_default())).collect();
    let expected: Vec<_> =
        expected.iter().map(|(name, home)| (name.to_string(), home.to_string())).collect();
    assert_eq!(found, expected, "{text}");
}

#[test]
fn users_that_simple_lines_make() {
    script("adduser --system --group --home /var/lib/a --quiet a\n", &[("a", "/var/lib/a")]);
    script("USER='b'\nadduser --system \\\n  --shell /bin/sh ${USER} || true\n", &[("b", "")]);
    script("\tuseradd -r -d /x -s /bin/false c >/dev/null\n", &[("c", "/x")]);
    script("adduser --system --gecos \"The administrator\" e\n", &[("e", "")]);
    script("if ! getent passwd d; then adduser --system $quiet d; fi\n", &[("d", "")]);
}

#[test]
fn what_is_not_simple_makes_no_user() {
    for text in [
        "adduser a b\n",
        "adduser --system \"$1\"\n",
        "# adduser --system a\n",
        "adduser --system\n",
        "echo adduser\n",
        "adduser --system Odd.Name\n",
    ] {
        script(text, &[]);
    }
}

#[test]
fn a_name_means_the_program_that_is_nearest_to_it() {
    let case = |package: &str, names: &[&str]| {
        let paths = names.iter().map(|name| TreePath::literal("/usr/bin").join(name.as_bytes()));
        let found = meant(package, &paths.collect::<Vec<_>>()).expect("there are programs");
        found.to_string()
    };
    assert_eq!(case("git", &["git-shell", "git", "scalar"]), "/usr/bin/git");
    assert_eq!(case("nginx-light", &["nginx-debug", "nginx"]), "/usr/bin/nginx");
    assert_eq!(case("chrony", &["chronyc", "chronyd"]), "/usr/bin/chronyd");
    assert_eq!(case("postgresql-15", &["initdb", "postgres"]), "/usr/bin/postgres");
    assert_eq!(case("redis-tools", &["redis-cli", "redis-benchmark"]), "/usr/bin/redis-benchmark");
    assert_eq!(case("coreutils", &["cat", "arch"]), "/usr/bin/arch");
    assert_eq!(vec![stem("libc6"), stem("7zip"), stem("a-b")], ["libc", "7zip", "a-b"]);
    assert!(is_kin("postgresql-15", "postgresql-common") && !is_kin("nginx", "iproute2"));
}
