//! What is suggested for an image: one test for each way in which a rule applies or adds, and one
//! for each word that a manifest has on it.

use std::fmt::Write as _;

use scant_core::formats::suggestion_rules;
use scant_core::plan::{Depth, Plan, Request, plan_with, platforms};
use scant_core::words::TreePath;

use crate::support::{
    Listings, check, check_faults, check_findings, compare, dedent, prepare, views,
};

/// A program with all that a glibc program has.
const APP: &str = "
    /lib/ld.so          loader glibc x86_64
    /lib/libc.so.6      elf x86_64 soname=libc.so.6 verdef=GLIBC_2.2.5,GLIBC_2.36
    /lib/libgcc_s.so.1  elf x86_64 soname=libgcc_s.so.1 needed=libc.so.6
";

fn all_of(plan: &Plan) -> String {
    let mut text = String::new();
    for one in &plan.suggestions {
        write!(text, "{} {} {}:", one.id, one.level, one.of).unwrap();
        for add in &one.adds {
            write!(text, " {}{}", add.input, add.path.escape_ascii()).unwrap();
        }
        for missing in &one.missing {
            write!(text, " !{missing}").unwrap();
        }
        text.push('\n');
    }
    text
}

/// Plans by these rules alone, and compares what is suggested.
#[track_caller]
fn check_rules(rules: &str, manifest: &str, listing: &str, expected: &str) {
    let listing = [APP, listing].map(dedent).concat();
    let inputs: Listings<'_> = &[("SYS", &listing)];
    let (mut parsed, opened) = prepare(manifest, inputs);
    let rules = suggestion_rules::parse(&dedent(rules)).unwrap_or_else(|f| panic!("{f:#?}"));
    let ids: Vec<String> = rules.iter().map(|rule| rule.id.value.clone()).collect();
    parsed.suggestions.rules = rules;
    let views = views(&opened, false);
    let platform = platforms(&parsed, &views, &TreePath::root())[0];
    let base = TreePath::root();
    let request = Request { manifest: &parsed, platform, inputs: &views, base };
    let mut plan = plan_with(&request, Depth::Texts);
    assert!(plan.faults.is_empty(), "{}", crate::support::faults(&plan));
    plan.suggestions.retain(|one| ids.contains(&one.id) || one.id.contains(':'));
    compare(&all_of(&plan), expected);
}

const PROGRAM: &str =
    "/bin/app elf x86_64 interp=/lib/ld.so needed=libc.so.6 imports=pthread_cancel,getpwnam_r\n";

#[test]
fn all_keys_hold_and_of_a_list_one_item_is_enough() {
    let rule = |when: &str| {
        format!(
            "rules: [{{id: x, level: required, because: y, when: {{{when}}}, \
             add: {{sonames: [libgcc_s.so.1]}}}}]"
        )
    };
    let case = |when: &str, expected: &str| {
        check_rules(&rule(when), "binaries: [SYS/bin/app]", PROGRAM, expected);
    };
    let told = "x required /bin/app: SYS/lib/libgcc_s.so.1";
    case("imports: [nothing, pthread_cancel]", told);
    case("imports: [getpw*]", told);
    case("imports: [getgr*]", "");
    case("imports: [pthread_cancel], libc: musl", "");
    case("imports: [pthread_cancel], libc: glibc, glibc: '>=2.36'", told);
    case("imports: [pthread_cancel], glibc: '<2.36'", "");
    case("path: ['**/bin/a*']", told);
    case("path: ['**/sbin/*']", "");
    case("closure: ['libc.so.*']", "x required /lib/libc.so.6: SYS/lib/libgcc_s.so.1");
    case("closure: ['libgcc_s.so.*']", "");
    case("string: [pthread_cancel]", told);
    case("string: [pthread_canc]", "");
}

#[test]
fn a_file_says_something() {
    check_rules(
        "
        rules:
          - id: x
            level: recommended
            because: y
            when:
              path: ['/bin/app']
              file-has: {files: [/etc/a.conf], lines: {after: [load], like: ['mod_*']}}
            add:
              from-config:
                - files: ['/etc/*.conf']
                  lines: {after: [load], trim: ';'}
                  sonames: ['lib{word}.so?']
                  add: ['/lib/app/{word}.so?']
        ",
        "binaries: [SYS/bin/app]",
        "
        /bin/app            elf x86_64 interp=/lib/ld.so needed=libc.so.6
        /etc/a.conf         \"load mod_a; mod_b # mod_c\\nloads mod_d\\n\"
        /etc/b.conf         \"load /opt/own.so\\n\"
        /lib/app/mod_a.so   elf x86_64
        /lib/libmod_b.so    elf x86_64
        /lib/app/mod_c.so   elf x86_64
        /lib/app/mod_d.so   elf x86_64
        /opt/own.so         elf x86_64
        ",
        "x recommended /bin/app: SYS/lib/app/mod_a.so SYS/lib/libmod_b.so SYS/opt/own.so",
    );
}

#[test]
fn a_json_file_names_a_library() {
    check_rules(
        "
        rules:
          - id: x
            level: required
            because: y
            when: {path: ['/bin/app']}
            add: {from-json: {files: ['/etc/icd.d/*.json'], pointer: /ICD/library_path}}
        ",
        "binaries: [SYS/bin/app]",
        r#"
        /bin/app             elf x86_64 interp=/lib/ld.so needed=libc.so.6
        /etc/icd.d/a.json    "{\"ICD\": {\"library_path\": \"libgcc_s.so.1\"}}"
        /etc/icd.d/b.json    "{\"ICD\": {\"library_path\": \"../b.so\"}}"
        /etc/icd.d/c.json    "not JSON"
        /etc/b.so            elf x86_64
        "#,
        "x required /bin/app: SYS/etc/icd.d/a.json SYS/lib/libgcc_s.so.1 SYS/etc/icd.d/b.json \
         SYS/etc/icd.d/../b.so",
    );
}

#[test]
fn paths_say_where_from() {
    check_rules(
        "
        rules:
          - id: x
            level: required
            because: y
            when: {closure: [libc.so.6], path: ['**/bin/*']}
            params: {names: [a, b]}
            add:
              files: ['{libdir}/sub/{names}.so', '{program_dir}/../share/**', '/etc/{one,two}/*.conf',
                      '/not?', '/gone']
        ",
        "binaries: [SYS/opt/bin/app]",
        "
        /opt/bin/app         elf x86_64 interp=/lib/ld.so needed=libc.so.6
        /opt/share/x/y/z     \"\"
        /lib/sub/a.so        elf x86_64
        /lib/sub/c.so        elf x86_64
        /etc/two/2.conf      \"\"
        /etc/three/3.conf    \"\"
        ",
        "x required /opt/bin/app: SYS/lib/sub/a.so SYS/opt/share/x/y/z SYS/etc/two/2.conf \
         !/gone",
    );
}

#[test]
fn what_nobody_has_is_told_of_required_rules_and_of_own_ones() {
    let rules = "
        rules:
          - {id: x, level: required, because: y, when: {path: [/bin/app]}, add: {sonames: [no.so]}}
          - {id: z, level: recommended, because: y, when: {path: [/bin/app]}, add: {sonames: [no.so]}}
        ";
    check_rules(
        rules,
        "binaries: [SYS/bin/app]",
        PROGRAM,
        "x required /bin/app: !no.so
        z recommended /bin/app: !no.so",
    );
}

#[test]
fn of_what_is_partly_there_nothing_is_required() {
    let rules = "
        rules:
          - {id: x, level: required, because: y, when: {path: [/bin/app]}, add: {files: ['/etc/*']}}
        ";
    check_rules(
        rules,
        "binaries: [SYS/bin/app]\ndata: [SYS/etc/a]",
        "/bin/app elf x86_64 interp=/lib/ld.so\n/etc/a \"\"\n/etc/b \"\"\n",
        "x recommended /bin/app: SYS/etc/b",
    );
}

#[test]
fn names_of_libraries_in_texts_are_hints() {
    check_rules(
        "rules: []",
        "binaries: [SYS/bin/app, SYS/bin/other]",
        "
        /bin/app      elf x86_64 interp=/lib/ld.so needed=libc.so.6 imports=dlopen string=liba.so.1
        /bin/other    elf x86_64 interp=/lib/ld.so string=liba.so.1 string=libgone.so string=libb.so.2
        /lib/liba.so.1    elf x86_64 soname=liba.so.1
        /lib/libb.so.2    elf x86_64 soname=libb.so.2
        ",
        "
        soname:liba.so.1 suggested /bin/app: SYS/lib/liba.so.1
        soname:libb.so.2 suggested /bin/other: SYS/lib/libb.so.2
        ",
    );
}

#[test]
fn what_is_accepted_comes_with_that_reason_and_what_it_needs() {
    let listing = [APP, PROGRAM].map(dedent).concat();
    check(
        "
        binaries: [SYS/bin/app]
        suggestions:
          accept: [glibc.libgcc_s]
        ",
        &[("SYS", &listing)],
        "
        /bin/                         parent directory of /bin/app
        /bin/app             SYS 0755 binaries:1
        /lib/                         parent directory of /lib/ld.so
        /lib/ld.so           SYS 0755 interpreter of /bin/app
        /lib/libc.so.6       SYS 0755 needed by /bin/app as libc.so.6, found in the loader's default directory /lib
                                      and needed by /lib/libgcc_s.so.1 as libc.so.6, found in the loader's default directory /lib
        /lib/libgcc_s.so.1   SYS 0755 opened at run time by /bin/app as libgcc_s.so.1, found in the loader's default directory /lib
                                      and accepted in `suggestions` at line 3: glibc.libgcc_s for /bin/app, glibc opens libgcc_s to cancel threads and for backtraces, and aborts without it
        ",
    );
}

#[test]
fn what_is_accepted_may_want_more() {
    check_rules(
        "
        rules:
          - {id: a, level: required, because: y, when: {path: [/bin/app]}, add: {sonames: [liba.so]}}
          - {id: b, level: required, because: y, when: {closure: [liba.so]}, add: {sonames: [libb.so]}}
          - {id: c, level: required, because: y, when: {closure: [libb.so]}, add: {files: [/etc/c]}}
        ",
        "binaries: [SYS/bin/app]\nsuggestions: {accept: [a, b]}",
        "
        /bin/app       elf x86_64 interp=/lib/ld.so needed=libc.so.6
        /lib/liba.so   elf x86_64 soname=liba.so
        /lib/libb.so   elf x86_64 soname=libb.so
        /etc/c         \"\"
        ",
        "c required /lib/libb.so: SYS/etc/c",
    );
}

#[test]
fn lists_of_a_rule_can_be_given() {
    let rules = "
        rules:
          - id: x
            level: required
            because: y
            when: {path: [/bin/app]}
            params: {names: [a]}
            add: {files: ['/etc/{names}']}
        ";
    let listing = "/bin/app elf x86_64 interp=/lib/ld.so\n/etc/a \"\"\n/etc/b \"\"\n";
    let accept = "binaries: [SYS/bin/app]\nsuggestions: {accept: [{id: x, with: {names: [all]}}]}";
    check_rules(rules, accept, listing, "");
    check_rules(rules, "binaries: [SYS/bin/app]", listing, "x required /bin/app: SYS/etc/a");
}

#[test]
fn what_is_declined_is_not_suggested() {
    let decline = "
        binaries: [SYS/bin/app]
        suggestions: {decline: [{id: glibc.libgcc_s, reason: no thread is cancelled}]}
        ";
    let listing = [APP, PROGRAM].map(dedent).concat();
    check_findings(decline, &[("SYS", &listing)], "");
}

#[test]
fn what_is_accepted_or_declined_for_nothing_is_told() {
    let manifest = "
        binaries: [SYS/bin/app]
        suggestions:
          accept: [terminfo]
          decline: [{id: pam, reason: nobody logs in}]
        ";
    let listing = [APP, PROGRAM].map(dedent).concat();
    check_findings(
        manifest,
        &[("SYS", &listing)],
        "
        3: notice: `terminfo` is accepted and changes nothing: it is not suggested for this image, or all of it is declared
        4: notice: `pam` is declined and changes nothing: it is not suggested for this image, or all of it is declared
        ",
    );
}

#[test]
fn an_unknown_id_is_a_fault() {
    let listing = [APP, PROGRAM].map(dedent).concat();
    check_faults(
        "
        binaries: [SYS/bin/app]
        suggestions:
          accept: [glibc.gcnv]
          decline: [{id: whatever.this.is, reason: none}]
        ",
        &[("SYS", &listing)],
        "
        3: no rule is called `glibc.gcnv`
            help: did you mean `glibc.gconv`?
        4: no rule is called `whatever.this.is`
            help: `scant plan` shows what is suggested
        ",
    );
}

#[test]
fn dlopen_notes_are_accepted_and_declined_by_feature_or_name() {
    let listing = [
        APP,
        r#"
        /bin/app      elf x86_64 interp=/lib/ld.so dlopen="[{\"soname\":[\"liba.so.1\"],\"feature\":\"a\",\"priority\":\"recommended\"},{\"soname\":[\"libb.so.1\"],\"priority\":\"suggested\"}]"
        /lib/liba.so.1    elf x86_64 soname=liba.so.1
        /lib/libb.so.1    elf x86_64 soname=libb.so.1
        "#,
    ];
    let listing = listing.map(dedent).concat();
    check(
        "
        binaries: [SYS/bin/app]
        suggestions:
          accept: ['note:a']
          decline: [{id: 'soname:libb.so.1', reason: not used}]
        ",
        &[("SYS", &listing)],
        "
        /bin/                    parent directory of /bin/app
        /bin/app        SYS 0755 binaries:1
        /lib/                    parent directory of /lib/ld.so
        /lib/ld.so      SYS 0755 interpreter of /bin/app
        /lib/liba.so.1  SYS 0755 opened at run time by /bin/app as liba.so.1, found in the loader's default directory /lib
                                 and accepted in `suggestions` at line 3: note:a for /bin/app, a
        ",
    );
}

#[test]
fn the_built_in_rules_are_valid_and_replaced_by_their_ids() {
    let rules = scant_core::rules::suggestions::builtin();
    assert!(rules.len() > 50, "{}", rules.len());
    let own = suggestion_rules::parse(
        "rules: [{id: pam, level: required, because: own, when: {path: [/a]}, add: {files: [/b]}}]",
    );
    let all = scant_core::rules::suggestions::with_own(&own.unwrap());
    let pam: Vec<_> = all.iter().filter(|rule| rule.id.value == "pam").collect();
    assert_eq!((all.len(), pam.len(), &*pam[0].because), (rules.len(), 1, "own"));
}

#[test]
fn lists_that_no_rule_has_and_values_for_which_nothing_is_there() {
    let gconv = "
        /bin/iconv            elf x86_64 interp=/lib/ld.so needed=libc.so.6 imports=iconv_open
        /lib/gconv/LATIN1.so  elf x86_64
        /lib/gconv/UTF-16.so  elf x86_64";
    let listing = [APP, gconv].map(dedent).concat();
    let case = |accept: &str, expected: &str| {
        let manifest = format!("binaries: [SYS/bin/iconv]\nsuggestions: {{accept: [{accept}]}}");
        check_faults(&manifest, &[("SYS", &listing)], expected);
    };
    case("{id: glibc.gconv, with: {charsets: [LATIN1, 'UTF-*']}}", "");
    case("{id: glibc.gconv, with: {charsets: [all]}}", "");
    case(
        "{id: glibc.gconv, with: {charset: [LATIN1]}}, {id: glibc.idn2, with: {charsets: [x]}}",
        "
        2: `glibc.gconv` has no list `charset`
            help: did you mean `charsets`?
            help: it has `charsets`
        2: `glibc.idn2` has no list `charsets`
            help: it has none: leave `charsets` out
        ",
    );
    case(
        "{id: glibc.gconv, with: {charsets: [LATIN2]}}",
        "
        2: `LATIN2` under `charsets` of `glibc.gconv`: nothing of it is there
            help: did you mean `LATIN1`?
            help: there are `LATIN1`, `UTF-16`
        ",
    );
}

#[test]
fn what_comes_because_others_need_it_is_nobodys_choice() {
    let rules = "
        rules:
          - {id: x, level: required, because: y, when: {path: [/bin/app]}, add: {files: ['/lib/liba*']}}
        ";
    check_rules(
        rules,
        "binaries: [SYS/bin/app]",
        "/bin/app elf x86_64 interp=/lib/ld.so needed=liba.so
         /lib/liba.so elf x86_64 soname=liba.so
         /lib/liba.conf \"\"\n",
        "x required /bin/app: SYS/lib/liba.conf",
    );
}

#[test]
fn globs_with_the_name_of_the_program_and_what_is_left_out_of_them() {
    let rules = "
        rules:
          - id: x
            level: required
            because: y
            when: {path: [/opt/bin/app*]}
            add: {files: ['{program_dir}/../lib/{program}/**'], except: ['/**/packages/**']}
        ";
    check_rules(
        rules,
        "binaries: [SYS/opt/bin/app]",
        "/opt/bin/app -> app3.1
         /opt/bin/app3.1 elf x86_64 interp=/lib/ld.so
         /opt/lib/app3/packages/b \"\"
         /opt/lib/app3.1/packages/c \"\"
         /opt/lib/app3.1/a \"\"\n",
        "x required /opt/bin/app3.1: SYS/opt/lib/app3.1/a",
    );
}

#[test]
fn of_configuration_that_is_not_taken_no_word_counts_where_only_the_images_does() {
    let rules = "
        rules:
          - id: x
            level: required
            because: y
            when: {path: [/bin/app]}
            add:
              from-config:
                - {files: ['/etc/app/*'], only-image: true, lines: {after: [load]}, add: ['/lib/{word}']}
        ";
    let listing = "
        /bin/app elf x86_64 interp=/lib/ld.so
        /etc/app/a \"load one\"
        /etc/app/b \"load two\"
        /lib/one \"\"
        /lib/two \"\"\n";
    check_rules(rules, "binaries: [SYS/bin/app]", listing, "");
    check_rules(
        rules,
        "binaries: [SYS/bin/app]\ndata: [SYS/etc/app/a]",
        listing,
        "x required /bin/app: SYS/lib/one",
    );
}

#[test]
fn what_a_plugin_lacks_and_another_file_of_its_suggestion_is_was_opened_before() {
    let listing = [
        APP,
        "/bin/java elf x86_64 interp=/lib/ld.so needed=libc.so.6
         /lib/server/libjvm.so elf x86_64 soname=libjvm.so
         /lib/libattach.so elf x86_64 needed=libjvm.so\n",
    ];
    let listing = listing.map(dedent).concat();
    let manifest = "binaries: [SYS/bin/java]\nsuggestions: {accept: [jvm]}";
    check_faults(manifest, &[("SYS", &listing)], "");
    let lost = listing.replace("/lib/server/libjvm.so", "/opt/libjvm.so");
    check_faults(
        manifest,
        &[("SYS", &lost)],
        "
        2: library `libjvm.so` was not found; needed by /lib/libattach.so
            tried /lib/libjvm.so (in the loader's default directory /lib): no such file or directory
            tried /usr/lib/libjvm.so (in the loader's default directory /usr/lib): no such file or directory
        ",
    );
}
