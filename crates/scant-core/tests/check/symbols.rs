//! Every symbol that a program needs.

use crate::support::check;

#[track_caller]
fn case(app: &str, library: &str, missing: &str) {
    for hash in ["", "gnu-hash"] {
        let listing = format!(
            "/bin/app elf x86_64 interp=/ld.so needed=libx.so.1 {hash} {app}
             /lib/libx.so.1 elf x86_64 soname=libx.so.1 {hash} {library}"
        );
        let expected = match missing {
            "" => String::new(),
            names => format!(
                "error missing-symbol: nothing that is loaded with `/bin/app` defines {names}
                 when this is started: /bin/app
                 help: a library of the image is older than the one that the file was built with, or of another kind"
            ),
        };
        check("entrypoint /bin/app\nsymbols", &listing, &expected);
        check("entrypoint /bin/app", &listing, "");
    }
}

#[test]
fn symbols_without_versions() {
    case("imports=a,b", "exports=b,a,c", "");
    case("imports=a,b", "exports=a,c", "`b`");
    case("imports=f,e,d,c,b,a", "", "`a`, `b`, `c`, `d`, `e` and 1 more");
    case("imports=a exports=z", "imports=z exports=a", "");
}

#[test]
fn symbols_with_versions() {
    case("verneed=libx.so.1:X_1 imports=a@X_1", "verdef=X_1 exports=a@X_1", "");
    case("verneed=libx.so.1:X_1 imports=a@X_1", "verdef=X_1,X_2 exports=a@X_2", "`a@X_1`");
    case("verneed=libx.so.1:X_1 imports=a@X_1", "exports=a", "");
    case("imports=a", "verdef=X_1 exports=a@X_1", "");
}
