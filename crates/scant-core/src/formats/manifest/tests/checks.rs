//! `checks`.

use super::check;

#[test]
fn findings_are_allowed_by_name_with_a_reason() {
    check("checks:", "");
    check("checks: {}", "");
    check(
        "\
checks:
  allow:
    - {name: privileged, path: /usr/bin/sudo, reason: it is what the image is for}
    - name: dangling-link
      reason: mounted there
",
        "\
3:7 allow privileged path=/usr/bin/sudo reason=it is what the image is for
4:7 allow dangling-link reason=mounted there",
    );
}

#[test]
fn unknown_names_missing_reasons_and_bad_globs_are_refused() {
    check(
        "\
checks:
  allow:
    - {name: dangling-links, reason: x}
    - {name: nothing-like-it-at-all, reason: x}
    - {name: privileged}
    - {name: privileged, reason: \" \"}
    - {name: privileged, path: usr, reason: x}
    - {name: privileged, path: \"/[\", reason: x}
",
        "\
3:14: there is no check `dangling-links` (help: did you mean `dangling-link`?)
4:14: there is no check `nothing-like-it-at-all` (help: `scant check --list` prints the names of all)
5:8: `reason` is missing here
6:34: the reason is empty (help: say why the finding is no fault of this image)
7:32: `usr` matches nothing (help: paths of the image begin with a slash)
8:32: `/[` is not a glob: the `[` is never closed, at byte 2",
    );
}
