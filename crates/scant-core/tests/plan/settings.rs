//! What the image's settings name must be in the image.

use crate::support::check_findings;

const SYS: &str = "
    /usr/bin/app    elf x86_64 static
    /etc/conf       \"\"
    ";

#[test]
fn what_is_started_must_be_in_the_image() {
    check_findings(
        "
        binaries: [SYS/usr/bin/app]
        image:
          entrypoint: [/usr/bin/gone]
          cmd: [/not/a/program]
          healthcheck: {test: [CMD, /usr/bin/probe]}
        ",
        &[("SYS", SYS)],
        "
        3: warning: `/usr/bin/gone` is started and is not in the image
        5: warning: `/usr/bin/probe` runs the health check and is not in the image
        ",
    );
}

#[test]
fn a_command_alone_is_what_is_started() {
    check_findings(
        "
        binaries: [SYS/usr/bin/app]
        image: {cmd: [/usr/bin/gone]}
        ",
        &[("SYS", SYS)],
        "
        2: warning: `/usr/bin/gone` is started and is not in the image
        ",
    );
}

#[test]
fn a_name_without_a_slash_is_searched_for_in_path() {
    let manifest = |path: &str| {
        format!(
            "
            binaries: [SYS/usr/bin/app]
            image:
              entrypoint: [app]
              env: {{PATH: {path}}}
            "
        )
    };
    check_findings(&manifest("/bin:/usr/bin"), &[("SYS", SYS)], "");
    check_findings(
        &manifest("/bin"),
        &[("SYS", SYS)],
        "
        3: warning: `app` is started and is in no directory of `PATH` in the image
        ",
    );
}

#[test]
fn a_relative_name_starts_at_the_working_directory() {
    check_findings(
        "
        binaries: [SYS/usr/bin/app]
        image: {entrypoint: [bin/app], workdir: /usr}
        ",
        &[("SYS", SYS)],
        "",
    );
}

#[test]
fn what_is_started_must_be_executable() {
    check_findings(
        "
        data: [SYS/etc/conf]
        image: {entrypoint: [/etc/conf]}
        ",
        &[("SYS", SYS)],
        "
        2: warning: `/etc/conf` is started and cannot be executed: its mode is 0644
        ",
    );
}

#[test]
fn a_shell_form_of_a_health_check_needs_a_shell() {
    check_findings(
        "
        binaries: [SYS/usr/bin/app]
        image:
          entrypoint: [/usr/bin/app]
          healthcheck: {test: [CMD-SHELL, \"app --probe\"]}
        ",
        &[("SYS", SYS)],
        "
        4: warning: `/bin/sh` runs the health check and is not in the image
        ",
    );
}

#[test]
fn links_into_a_volume_are_expected_to_dangle() {
    check_findings(
        "
        symlinks: [\"/data/log:/var/log\"]
        image: {volumes: [/data]}
        ",
        &[],
        "",
    );
}
