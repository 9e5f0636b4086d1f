//! `.note.dlopen`: what a file says it opens at run time.

use scant_core::rules::loader::DlopenChoice;

use crate::support::Case;

/// A program with a note of these entries, a library that the note may mean, and a choice.
#[track_caller]
fn note(entries: &str, choice: DlopenChoice, expected: &str) {
    let json = entries.replace('"', "\\\"");
    let files = format!(
        "/bin/app        elf x86_64 interp=/ld.so runpath=/a dlopen=\"{json}\"
         /a/libx.so.1    elf x86_64 needed=liby.so
         /lib/liby.so    elf x86_64"
    );
    Case::new(&files, "/bin/app").dlopen(choice).check(expected);
}

const FOUND: &str = "libx.so.1 -> /a/libx.so.1 (note of /bin/app; RUNPATH /a)
    liby.so -> /lib/liby.so (needed by /a/libx.so.1; default /lib)";

#[test]
fn a_required_note_is_followed_as_dlopen_would() {
    let entry = r#"[{"soname":["libx.so.1"],"priority":"required"}]"#;
    note(entry, DlopenChoice::Required, FOUND);
    note(entry, DlopenChoice::None, "suggested libx.so.1 (required by /bin/app)");
}

#[test]
fn the_first_edition_is_one_object_with_one_soname() {
    note(
        r#"{"soname":"libx.so.1","feature":"x","priority":"required"}"#,
        DlopenChoice::Required,
        FOUND,
    );
}

#[test]
fn each_choice_includes_the_stronger_priorities() {
    for (priority, followed_from) in [
        ("required", DlopenChoice::Required),
        ("recommended", DlopenChoice::Recommended),
        ("suggested", DlopenChoice::Suggested),
    ] {
        let entry = format!(r#"[{{"soname":["libx.so.1"],"priority":"{priority}"}}]"#);
        for choice in [
            DlopenChoice::None,
            DlopenChoice::Required,
            DlopenChoice::Recommended,
            DlopenChoice::Suggested,
        ] {
            let suggested = format!("suggested libx.so.1 ({priority} by /bin/app)");
            note(&entry, choice, if choice >= followed_from { FOUND } else { &suggested });
        }
    }
}

#[test]
fn no_priority_means_recommended() {
    note(
        r#"[{"soname":["libx.so.1"]}]"#,
        DlopenChoice::Required,
        "suggested libx.so.1 (recommended by /bin/app)",
    );
}

#[test]
fn the_first_alternative_that_exists_is_taken() {
    note(
        r#"[{"soname":["libx.so.2","libx.so.1","libx.so.0"],"priority":"required"}]"#,
        DlopenChoice::Required,
        FOUND,
    );
}

#[test]
fn of_a_required_note_the_preferred_name_is_missing() {
    note(
        r#"[{"soname":["libq.so.2","libq.so.1"],"priority":"required"}]"#,
        DlopenChoice::Required,
        "libq.so.2 MISSING (note of /bin/app)
         tried /a/libq.so.2 (RUNPATH /a)
         tried /lib/libq.so.2 (default /lib)
         tried /usr/lib/libq.so.2 (default /usr/lib)",
    );
}

#[test]
fn what_is_only_recommended_is_not_missed() {
    note(
        r#"[{"soname":["libq.so.2"],"priority":"recommended"}]"#,
        DlopenChoice::Suggested,
        "suggested libq.so.2 (recommended by /bin/app)",
    );
}

#[test]
fn a_note_that_is_not_as_specified_is_no_note() {
    for entries in ["{", "[1]", r#"[{"soname":[]}]"#, r#"[{"feature":"x"}]"#, "null"] {
        note(entries, DlopenChoice::Suggested, "");
    }
}

#[test]
fn notes_of_libraries_are_followed_from_the_library() {
    let files = r#"/bin/app      elf x86_64 interp=/ld.so needed=liba.so
                   /lib/liba.so  elf x86_64 runpath=/p dlopen="[{\"soname\":\"libp.so\",\"priority\":\"required\"}]"
                   /p/libp.so    elf x86_64 dlopen="[{\"soname\":\"libq.so\",\"priority\":\"required\"}]"
                   /lib/libq.so  elf x86_64"#;
    Case::new(files, "/bin/app").check(
        "liba.so -> /lib/liba.so (needed by /bin/app; default /lib)
         libp.so -> /p/libp.so (note of /lib/liba.so; RUNPATH /p)
         libq.so -> /lib/libq.so (note of /p/libp.so; default /lib)",
    );
}

#[test]
fn notes_are_found_beside_others_and_without_section_headers() {
    for words in ["", "separate-notes", "sections=garbage", "sections=real"] {
        let files = format!(
            r#"/bin/app     elf x86_64 interp=/ld.so build-id=0102030405 {words} dlopen="[{{\"soname\":\"libx.so\",\"priority\":\"required\"}}]" note=GNU:1:abc
               /lib/libx.so elf x86_64"#
        );
        Case::new(&files, "/bin/app")
            .check("libx.so -> /lib/libx.so (note of /bin/app; default /lib)");
    }
}

#[test]
fn several_notes_count_each() {
    let files = r#"/bin/app     elf x86_64 interp=/ld.so dlopen="[{\"soname\":\"liba.so\",\"priority\":\"required\"},{\"soname\":\"libb.so\",\"priority\":\"required\"}]" dlopen="{\"soname\":\"libc1.so\",\"priority\":\"required\"}"
                   /lib/liba.so elf x86_64
                   /lib/libb.so elf x86_64
                   /lib/libc1.so elf x86_64"#;
    Case::new(files, "/bin/app").check(
        "liba.so -> /lib/liba.so (note of /bin/app; default /lib)
         libb.so -> /lib/libb.so (note of /bin/app; default /lib)
         libc1.so -> /lib/libc1.so (note of /bin/app; default /lib)",
    );
}
