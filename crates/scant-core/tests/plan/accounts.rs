//! The files that list users and groups.

use crate::support::{check, check_faults, planned};

const ACCOUNTS: &str = "
    accounts:
      users:
        - {name: nginx, uid: 101, gid: 101, home: /var/empty, shell: /sbin/nologin}
      groups:
        - {name: nginx, gid: 101}
    ";

#[test]
fn accounts_make_passwd_and_group() {
    check(
        ACCOUNTS,
        &[],
        "
        /etc/              parent directory of /etc/group
        /etc/group   0644  accounts:5
        /etc/passwd  0644  accounts:3
        ",
    );
    let plan = planned(ACCOUNTS, &[]);
    let made: Vec<_> = plan
        .made
        .iter()
        .map(|(path, content)| format!("{path}: {}", String::from_utf8_lossy(content)))
        .collect();
    assert_eq!(
        made,
        ["/etc/group: nginx:x:101:\n", "/etc/passwd: nginx:x:101:101::/var/empty:/sbin/nologin\n"]
    );
}

#[test]
fn owners_may_be_names_of_accounts() {
    check(
        "
        accounts:
          users: [{name: app, uid: 7, gid: 8}]
          groups: [{name: app, gid: 8}]
        directories:
          - {path: /var/app, owner: app}
        ",
        &[],
        "
        /etc/              parent directory of /etc/group
        /etc/group   0644  accounts:3
        /etc/passwd  0644  accounts:2
        /var/              parent directory of /var/app
        /var/app/    7:8   directories:5
        ",
    );
}

#[test]
fn accounts_and_a_declared_passwd_disagree() {
    check_faults(
        "
        accounts:
          users: [{name: app, uid: 7, gid: 8}]
        data: [SYS/etc/passwd]
        ",
        &[("SYS", "/etc/passwd \"root:x:0:0\"")],
        "
        3 and 2: two declarations disagree on `/etc/passwd`: a file that scant makes or a file from SYS/etc/passwd
        ",
    );
}

#[test]
fn accounts_land_behind_declared_links() {
    check(
        "
        accounts:
          groups: [{name: app, gid: 8}]
        symlinks: [\"/config:/etc\"]
        ",
        &[],
        "
        /config/               parent directory of /config/group
        /config/group    0644  accounts:2
        /etc -> /config        symlinks:3
                               and link on the way to /config/group
        ",
    );
}
