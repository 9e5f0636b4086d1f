//! Packages that are taken whole.

use crate::support::{MANIFEST, check, check_faults, check_findings, planned};

const DEBIAN: &str = "
    package base
    /lib -> usr/lib
    /usr/lib/
    /tmp/ mode=1777
    package tool
    /usr/
    /usr/bin/
    /usr/bin/tool mode=4755 \"t\"
    /usr/bin/zed hardlink /usr/bin/tool
    /usr/share/
    /usr/share/doc/
    /usr/share/doc/tool \"d\"
    /usr/share/man/
    /usr/share/man/tool.1 \"m\"
    package unused
    /usr/unused \"u\"
    ";

#[test]
fn everything_of_it_comes_as_it_is() {
    check(
        "packages: [SYS/tool, SYS/bas*]",
        &[("SYS", DEBIAN)],
        "
        /lib -> usr/lib                      SYS           packages:1
        /tmp/                                SYS 1777 7:0  packages:1
        /usr/                                SYS           packages:1
        /usr/bin/                            SYS           packages:1
        /usr/bin/tool                        SYS 4755 7:0  packages:1
        /usr/bin/zed hardlink /usr/bin/tool  SYS 4755 7:0  packages:1
        /usr/lib/                            SYS           packages:1
        /usr/share/                          SYS           packages:1
        /usr/share/doc/                      SYS           packages:1
        /usr/share/doc/tool                  SYS 0644      packages:1
        /usr/share/man/                      SYS           packages:1
        /usr/share/man/tool.1                SYS 0644      packages:1
        ",
    );
}

#[test]
fn globs_say_what_comes() {
    check(
        "packages: [{from: SYS/tool, include: [/usr/share/**], exclude: [usr/share/man/, why], why: pages}]",
        &[("SYS", DEBIAN)],
        "
        /usr/                SYS       packages:1 (pages)
        /usr/share/          SYS       packages:1 (pages)
        /usr/share/doc/      SYS       packages:1 (pages)
        /usr/share/doc/tool  SYS 0644  packages:1 (pages)
        ",
    );
    check_findings(
        "packages: [{from: SYS/tool, include: [/usr/bin/tool, /opt/**]}]",
        &[("SYS", DEBIAN)],
        "
        1: warning: nothing of `SYS/tool` matches `opt/**`
        1: notice: tool has files with setuid or setgid bits, which are kept: /usr/bin/tool
        ",
    );
}

#[test]
fn what_is_declared_takes_its_place() {
    let manifest = "
        packages: [SYS/tool, SYS/base]
        directories: [{path: /tmp, mode: \"0700\"}]
        data:
          - OWN/doc:/usr/share/doc/tool
          - OWN/doc:/lib/doc
        ";
    let inputs = &[("SYS", DEBIAN), ("OWN", "/doc \"own\"")];
    check(
        manifest,
        inputs,
        "
        /lib -> usr/lib                      SYS           packages:1
                                                           and link on the way to /usr/lib/doc
        /tmp/                                SYS 0700      directories:2
                                                           and packages:1
        /usr/                                SYS           packages:1
        /usr/bin/                            SYS           packages:1
        /usr/bin/tool                        SYS 4755 7:0  packages:1
        /usr/bin/zed hardlink /usr/bin/tool  SYS 4755 7:0  packages:1
        /usr/lib/                            SYS           packages:1
        /usr/lib/doc                         OWN/doc 0644  data:5
        /usr/share/                          SYS           packages:1
        /usr/share/doc/                      SYS           packages:1
        /usr/share/doc/tool                  OWN/doc 0644  data:4
        /usr/share/man/                      SYS           packages:1
        /usr/share/man/tool.1                SYS 0644      packages:1
        ",
    );
    check_findings(
        manifest,
        inputs,
        "
        1: notice: /usr/share/doc/tool is what line 4 declares, not what the package tool of SYS has there
        1: notice: tool has files with setuid or setgid bits, which are kept: /usr/bin/tool, /usr/bin/zed
        ",
    );
}

#[test]
fn a_conffile_is_there_to_be_replaced() {
    let listing = "
        package tool
        conffile /etc/tool.conf
        /etc/tool.conf \"theirs\"
        ";
    let manifest = "
        packages: [SYS/tool]
        data: [OWN/tool.conf:/etc/tool.conf]
        ";
    let inputs = &[("SYS", listing), ("OWN", "/tool.conf \"own\"")];
    check_findings(manifest, inputs, "");
}

#[test]
fn globs_that_match_nothing_are_told() {
    check_findings(
        "packages: [{from: SYS/tool, include: [/usr/**, /opt/**], exclude: [/usr/share/man, /srv/**]}]",
        &[("SYS", DEBIAN)],
        "
        1: warning: nothing of `SYS/tool` matches `opt/**`
        1: warning: nothing of `SYS/tool` matches `srv/**`
        1: notice: tool has files with setuid or setgid bits, which are kept: /usr/bin/tool, /usr/bin/zed
        ",
    );
    // What is made for scripts can be left out as well.
    let web = "
        package web
        wants user web
        wants directory /run/web web:web 0755
        /usr/share/web \"w\"
        ";
    let manifest =
        "packages: [{from: SYS/web, exclude: [/etc/passwd, /etc/group, /run/**, /etc/x]}]";
    let found = "1: warning: nothing of `SYS/web` matches `etc/x`";
    check_findings(manifest, &[("SYS", web)], found);
}

#[test]
fn what_is_declared_may_be_of_users_of_packages() {
    let listing = "
        package web
        wants user web
        wants group log
        /usr/share/web \"w\"
        ";
    let manifest = "
        packages: [SYS/web]
        data: [{from: OWN/page, to: /srv/page, owner: 'web:log'}]
        directories:
          - {path: /data, owner: web}
          - {path: /logs, owner: '0:log'}
        symlinks: [{target: /data, link: /d, owner: web}]
        ";
    check(
        manifest,
        &[("SYS", listing), ("OWN", "/page \"own\"")],
        "
        /d -> /data     100:100                symlinks:6
        /data/          100:100                directories:4
        /etc/                                  parent directory of /etc/group
        /etc/group      0644                   packages:1
        /etc/passwd     0644                   packages:1
        /logs/          0:101                  directories:5
        /srv/                                  parent directory of /srv/page
        /srv/page       OWN/page 0644 100:101  data:2
        /usr/                                  parent directory of /usr/share/web
        /usr/share/                            parent directory of /usr/share/web
        /usr/share/web  SYS 0644               packages:1
        ",
    );
    check_faults(
        "
        packages: [SYS/web]
        directories:
          - {path: /a, owner: wep}
          - {path: /b, owner: 'web:logs'}
        symlinks: [{target: /a, link: /d, owner: nobody}]
        ",
        &[("SYS", listing)],
        "
        3: there is no user `wep` in `accounts` or of a package that is taken whole
            help: did you mean `web`?
            help: there are `web`
        4: there is no group `logs` in `accounts` or of a package that is taken whole
            help: did you mean `log`?
            help: there are `web`, `log`
        5: there is no user `nobody` in `accounts` or of a package that is taken whole
            help: there are `web`
        ",
    );
}

#[test]
fn a_package_that_has_a_user_is_named() {
    let listing = "
        package web
        /usr/share/web \"w\"
        package web-common
        wants user web
        /usr/share/common \"c\"
        ";
    check_faults(
        "
        packages: [SYS/web]
        directories: [{path: /a, owner: web}, {path: /b, owner: other}]
        ",
        &[("SYS", listing)],
        "
        2: there is no user `web` in `accounts` or of a package that is taken whole
            help: `SYS/web-common` under `packages` of the manifest brings it
        2: there is no user `other` in `accounts` or of a package that is taken whole
            help: declare it under `accounts`, or write its number
        ",
    );
}

#[test]
fn accounts_and_directories_that_packages_want() {
    let listing = "
        package web
        wants user web
        wants group log
        wants directory /var/lib/web web:log 0750
        wants directory /var/lib/other nobody:root 0755
        script postinst
        /usr/share/web \"w\"
        /var/lib/web/
        ";
    check(
        "packages: [SYS/web]",
        &[("SYS", listing)],
        "
        /etc/                         parent directory of /etc/group
        /etc/group      0644          packages:1
        /etc/passwd     0644          packages:1
        /usr/                         parent directory of /usr/share/web
        /usr/share/                   parent directory of /usr/share/web
        /usr/share/web  SYS 0644      packages:1
        /var/                             parent directory of /var/lib/web
        /var/lib/                         parent directory of /var/lib/web
        /var/lib/web/   SYS 0750 100:101  packages:1
        ",
    );
    let made = |manifest: &str| {
        let plan = planned(manifest, &[("SYS", listing)]);
        let text = |(path, content): (&_, &Vec<u8>)| format!("{path} {}", content.escape_ascii());
        plan.made.iter().map(text).collect::<Vec<_>>()
    };
    assert_eq!(
        made("packages: [SYS/web]"),
        ["/etc/group web:x:100:\\nlog:x:101:\\n", "/etc/passwd web:x:100:100::/:/bin/false\\n"]
    );
    let declared = "
        packages: [SYS/web]
        accounts: {users: [{name: web, uid: 7, gid: 7, home: /w, shell: /s}]}
        ";
    assert_eq!(
        made(declared),
        ["/etc/group log:x:100:\\nweb:x:7:\\n", "/etc/passwd web:x:7:7::/w:/s\\n"]
    );
    check_findings(
        "packages: [SYS/web]",
        &[("SYS", listing)],
        "
        1: warning: web wants the directory /var/lib/other to be of nobody:root, which the image \
         does not know: declare them under `accounts`, or take the package that has them \
         under `packages` of the manifest, as Debian's `base-passwd`
        1: notice: web has scripts that were not run, and nothing is known of what they do: postinst
        ",
    );
}

#[test]
fn what_no_input_has() {
    check_faults(
        "packages: [SYS/tol, OWN/tool]",
        &[("SYS", DEBIAN), ("OWN", "/doc \"own\"")],
        "
        1: input SYS has no package `tol`
            help: did you mean `tool`?
            help: it has `base`, `tool`, `unused`
        1: input OWN is not made of packages that could be taken whole
            help: inputs with `backend: apt` or `backend: apk` are; files are taken by `data`
        ",
    );
    let other = "
        package base
        /tmp/
        ";
    check_faults(
        "packages: [SYS/base, OTHER/base]",
        &[("SYS", DEBIAN), ("OTHER", other)],
        "1 and 1: two declarations disagree on `/tmp`: mode 1777 or 0755",
    );
}

#[test]
fn lists_of_accounts_that_the_manifest_names_are_those_that_count() {
    let listing = "
        package web
        wants user web
        wants directory /var/lib/web web:web 0700
        /usr/share/web \"w\"
        ";
    let beside = "
        /site/index.html \"x\"
        /etc/passwd \"web:x:700:701::/:/bin/false\\n\"
        /etc/group \"web:x:701:\\n\"
        ";
    let owner = |manifest: &str| {
        let plan = planned(manifest, &[("SYS", listing), (MANIFEST, beside)]);
        assert!(plan.faults.is_empty(), "{:?}", plan.faults);
        let path = scant_core::words::TreePath::parse("/var/lib/web").unwrap();
        plan.tree.get(&path).map(|node| (node.meta.uid, node.meta.gid))
    };
    let packages = "packages: [SYS/web]\n";
    assert_eq!(owner(&format!("{packages}data: [./site/:/srv/]")), Some((100, 100)));
    assert_eq!(owner(&format!("{packages}data: [./etc/:/etc/]")), Some((700, 701)));
    assert_eq!(
        owner(&format!("{packages}data: [./etc/passwd:/etc/, ./etc/group:/etc/group]")),
        Some((700, 701))
    );
    // What is taken by globs wants no accounts.
    let part = "packages: [{from: SYS/web, include: [/usr/**]}]";
    let plan = planned(part, &[("SYS", listing)]);
    assert!(plan.made.is_empty());
}

#[test]
fn a_file_with_several_names_agrees_with_itself() {
    let names = |manifest: &str| {
        let plan = planned(manifest, &[("SYS", DEBIAN)]);
        assert!(plan.faults.is_empty(), "{:?}", plan.faults);
        let texts = plan.findings.iter().map(|finding| finding.text.clone());
        assert!(
            texts.clone().all(|text| !text.contains("declares")),
            "{:?}",
            texts.collect::<Vec<_>>()
        );
    };
    names("packages: [{from: SYS/tool, include: [usr/bin/zed]}, SYS/tool]");
    names("packages: [SYS/tool]\ndata: [SYS/usr/bin/zed]");
}

#[test]
fn a_file_takes_the_place_of_a_link_to_a_directory() {
    check(
        "
        packages: [SYS/base]
        data: [OWN/doc:/lib]
        ",
        &[("SYS", DEBIAN), ("OWN", "/doc \"own\"")],
        "
        /lib       OWN/doc 0644  data:2
        /tmp/      SYS 1777 7:0  packages:1
        /usr/                    parent directory of /usr/lib
        /usr/lib/  SYS           packages:1
        ",
    );
}
