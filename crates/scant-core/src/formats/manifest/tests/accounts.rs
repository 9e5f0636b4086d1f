//! `accounts`, owners and users.

use super::check;

#[test]
fn records_are_sorted_and_have_defaults() {
    check(
        "\
accounts:
  users:
    - {name: web, uid: 33, comment: the site}
    - {name: app, uid: 20, gid: 33, home: /app, shell: /bin/sh}
  groups:
    - {name: log, gid: 4, members: [web, app, web]}
",
        "\
passwd app:x:20:33::/app:/bin/sh
passwd web:x:33:33:the site:/:/sbin/nologin
group log:x:4:web,app
group web:x:33:
",
    );
}

#[test]
fn records_are_distinct_and_fit_the_file() {
    check(
        "\
accounts:
  users:
    - {name: a, uid: 1}
    - {name: a, uid: 2}
    - {name: b, uid: 1}
    - {name: 'x:y', uid: 5}
    - {name: c, uid: 4294967295}
    - {name: d, uid: 6, home: rel, shell: '/a:b', comment: 'x:y'}
    - {name: e, uid: 7.5}
    - {uid: 8}
  groups:
    - {name: g, gid: 9, members: [zzz]}
    - {name: g, gid: 10}
    - {name: h, gid: 9}
",
        "\
4:7: the user `a` is there twice (3:7: first here)
5:7: the users `a` and `b` are both 1 (3:7: the other one)
6:14: `x:y` cannot name an account (help: write letters, digits, `_` and `-`, beginning with a letter or `_`, at most 32 of them)
7:22: 4294967295 means no account to the kernel
8:31: `rel` does not start with `/`
8:43: `/a:b` does not fit into /etc/passwd (help: it cannot hold a colon, a line break or a NUL byte)
8:60: `x:y` does not fit into /etc/passwd (help: it cannot hold a colon, a line break or a NUL byte)
9:22: expected a whole number from 0 to 4294967295, found 7.5
10:8: `name` is missing here
13:7: the group `g` is there twice (12:7: first here)
14:7: the groups `g` and `h` are both 9 (12:7: the other one)
",
    );
    check(
        "accounts: {users: [{name: a, uid: 1}], groups: [{name: g, gid: 1, members: [b]}]}",
        "1:77: there is no user `b` in `accounts` (help: declared: `a`)",
    );
}

#[test]
fn a_group_of_the_users_name_but_another_number_is_a_fault() {
    check(
        "accounts: {users: [{name: a, uid: 1}], groups: [{name: a, gid: 2}]}",
        "1:20: no group has the number 1 of the user `a` (help: the group `a` has 2) (1:49: this group)",
    );
}

#[test]
fn owners_become_numbers() {
    check(
        "\
accounts: {users: [{name: web, uid: 33, gid: 34}], groups: [{name: log, gid: 4}]}
directories:
  - {path: /a, owner: web}
  - {path: /b, owner: 'web:log'}
  - {path: /c, owner: 33}
  - {path: /d, owner: 33:0}
  - {path: /e, owner: '7:log'}
  - {path: /f, owner: root}
",
        "\
3:5 directory /a owner=33:34
4:5 directory /b owner=33:4
5:5 directory /c owner=33:33
6:5 directory /d owner=33:0
7:5 directory /e owner=7:4
8:5 directory /f owner=0:0
passwd web:x:33:34::/:/sbin/nologin
group log:x:4:
group web:x:34:
",
    );
    check(
        "\
accounts: {users: [{name: web, uid: 33}]}
directories:
  - {path: /a, owner: wep}
  - {path: /b, owner: 'web:logs'}
  - {path: /c, owner: '5:'}
  - {path: /d, owner: 99999999999}
  - {path: /e, owner: 1.5}
  - {path: /f, owner: }
  - {path: /g, owner: [a]}
",
        "\
3:23: there is no user `wep` in `accounts` (help: did you mean `web`? declared: `web`; a number works without)
4:23: there is no group `logs` in `accounts` (help: declared: `web`; a number works without)
5:23: the name of a group is missing
6:23: 99999999999 is too large
7:23: there is no user `1.5` in `accounts` (help: declared: `web`; a number works without)
9:23: expected a string, found a list
",
    );
    check(
        "\
input: {backend: apt, packages: [redis-server]}
packages: [APT/redis-server]
accounts: {users: [{name: web, uid: 33}]}
directories:
  - {path: /a, owner: redis}
  - {path: /b, owner: 'web:redis'}
  - {path: /c, owner: web}
  - {path: /d, owner: '0:Debian-exim'}
",
        "\
1:8 input APT apt redis-server
2:12 package redis-server of APT
5:5 directory /a owner=`redis`
6:5 directory /b owner=`web:redis`
7:5 directory /c owner=33:33
8:5 directory /d owner=`0:Debian-exim`
passwd web:x:33:33::/:/sbin/nologin
group web:x:33:
",
    );
    check(
        "\
input: {backend: apt, packages: [redis-server]}
packages: [APT/redis-server]
directories:
  - {path: /a, owner: 'redis:'}
  - {path: /b, owner: 1.5}
  - {path: /c, owner: 'a:b:c'}
  - {path: /d, owner: '4294967295:redis'}
",
        "\
4:23: the name of a group is missing
4:23: there is no user `redis` in `accounts` (help: declare it in `accounts`, or write its number: no user is declared)
5:23: there is no user `1.5` in `accounts` (help: declare it in `accounts`, or write its number: no user is declared)
6:23: there is no group `b:c` in `accounts` (help: declare it in `accounts`, or write its number: no group is declared)
6:23: there is no user `a` in `accounts` (help: declare it in `accounts`, or write its number: no user is declared)
7:23: 4294967295 is too large
7:23: there is no group `redis` in `accounts` (help: declare it in `accounts`, or write its number: no group is declared)
",
    );
    check(
        "directories: [{path: /a, owner: web}]",
        "1:33: there is no user `web` in `accounts` (help: declare it in `accounts`, or write its number: no user is declared)",
    );
}

#[test]
fn an_account_with_a_fault_does_not_make_its_owners_wrong() {
    check(
        "accounts: {users: [{name: web, uid: x}]}\nimage: {user: web}",
        "1:37: expected a whole number from 0 to 4294967295, found a string",
    );
}
