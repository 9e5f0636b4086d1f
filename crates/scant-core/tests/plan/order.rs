//! What the order of things changes, and what not.

use scant_core::plan::Plan;

use crate::support::planned;

const SYS: &str = "
    /bin            -> usr/bin
    /lib            -> usr/lib
    /usr/bin/a      elf x86_64 interp=/lib/ld.so needed=libz.so.1
    /usr/bin/b      mode=0755 \"#!/bin/a\"
    /usr/lib/ld.so  loader glibc x86_64
    /usr/lib/libz.so.1 -> libz.so.1.2
    /usr/lib/libz.so.1.2 elf x86_64 soname=libz.so.1
    /srv/x          -> y
    /srv/y          \"\"
    ";

fn nodes(plan: &Plan) -> Vec<String> {
    assert!(plan.faults.is_empty(), "{:#?}", plan.faults);
    let shown = |(path, node): (_, &scant_core::words::Node)| {
        format!("{path} {:?} {:?}", node.kind, node.meta)
    };
    plan.tree.iter().map(shown).collect()
}

#[test]
fn the_order_of_declarations_changes_no_node() {
    let forth = planned(
        "
        binaries: [SYS/bin/a, SYS/usr/bin/b, \"SYS/bin/a:/sbin/a\"]
        data: [SYS/srv, \"SYS/srv/y:/z\"]
        ",
        &[("SYS", SYS)],
    );
    let back = planned(
        "
        data: [\"SYS/srv/y:/z\", SYS/srv]
        binaries: [\"SYS/bin/a:/sbin/a\", SYS/usr/bin/b, SYS/bin/a]
        ",
        &[("SYS", SYS)],
    );
    assert_eq!(nodes(&forth), nodes(&back));
}

#[test]
fn the_names_of_inputs_change_no_node() {
    let of = |name: &str| {
        let manifest = format!("binaries: [{name}/bin/a, {name}/usr/bin/b]");
        let shown = nodes(&planned(&manifest, &[(name, SYS)]));
        shown.iter().map(|line| line.replace(name, "INPUT")).collect::<Vec<_>>()
    };
    assert_eq!(of("AAA"), of("ZZZ"));
}
