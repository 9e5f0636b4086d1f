//! Which of Buildroot's directories is meant, and whose each file is.

use std::collections::BTreeSet;
use std::path::Path;

use scant_core::words::Input;
use scant_io::inputs::{BuildrootTree, DirectoryInput, open_buildroot};

use crate::support::{answer, path, tree};

const OUTPUT: &str = r#"
/output/build/packages-file-list.txt          "nginx,./usr/sbin/nginx\nzlib,./usr/lib/libz.so.1\n"
/output/build/packages-file-list-staging.txt  "nginx-dev,./usr/sbin/nginx\n"
/output/host/aarch64-linux/sysroot/usr/sbin/nginx  "staged\n"
/output/staging                               -> host/aarch64-linux/sysroot
/output/target/usr/sbin/nginx                 "stripped\n"
"#;

fn seen(at: &Path, tree: BuildrootTree) -> String {
    let input: DirectoryInput = open_buildroot(at, tree).unwrap();
    let nginx = path("/usr/sbin/nginx");
    let packages = input.packages(&BTreeSet::from([nginx.clone()]));
    let package = packages.get(&nginx).map_or("nobody", String::as_str);
    format!("{} of {package}", answer(&input, "/usr/sbin/nginx"))
}

#[test]
fn the_output_directory_has_both_trees() {
    let directory = tree(OUTPUT);
    let output = directory.path().join("output");
    assert_eq!(seen(&output, BuildrootTree::Staging), "\"staged\\n\" of nginx-dev");
    assert_eq!(seen(&output, BuildrootTree::Target), "\"stripped\\n\" of nginx");
}

#[test]
fn a_tree_itself_finds_the_lists_beside_it() {
    let directory = tree(OUTPUT);
    let output = directory.path().join("output");
    let staging = BuildrootTree::Staging;
    assert_eq!(seen(&output.join("staging"), staging), "\"staged\\n\" of nginx-dev");
    let sysroot = output.join("host/aarch64-linux/sysroot");
    assert_eq!(seen(&sysroot, staging), "\"staged\\n\" of nginx-dev");
    let target = BuildrootTree::Target;
    assert_eq!(seen(&output.join("target"), target), "\"stripped\\n\" of nginx");
}

#[test]
fn a_tree_without_lists_is_of_nobody() {
    let directory = tree(r#"/usr/sbin/nginx "alone\n""#);
    assert_eq!(seen(directory.path(), BuildrootTree::Staging), "\"alone\\n\" of nobody");
}
