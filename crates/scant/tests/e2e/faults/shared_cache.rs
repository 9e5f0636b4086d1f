//! Two builds at once, with one cache and one layout.

use std::thread::scope;

use super::place::{Place, contents};

#[test]
fn two_builds_share_a_cache_and_a_layout() {
    let place = Place::new(40, 50_000);
    place.fill("other", 40, 40_000);
    place.write("other.yml", "data:\n  - ./files:/files\n  - ./other:/other\n");
    let build = |manifest: &str, tag: &str, round: u32, cache: &str| {
        let words = format!("build {manifest} --quiet {cache} -o oci:layout{round}:{tag}");
        place.scant(&words).ok().split_once(' ').expect("place and digest").1.to_string()
    };
    let expected =
        [build("app.yml", "a", 0, "--no-cache"), build("other.yml", "b", 0, "--no-cache")];
    for round in 1..=6 {
        // In every other round both begin with what the cache has.
        let cache = format!("--cache-dir cache{}", round / 2);
        let built = scope(|scope| {
            let a = scope.spawn(|| build("app.yml", "a", round, &cache));
            let b = scope.spawn(|| build("other.yml", "b", round, &cache));
            [a, b].map(|thread| thread.join().expect("it succeeds"))
        });
        assert_eq!(built, expected, "round {round}");
        let layout = format!("layout{round}");
        assert_eq!(scant_testkit::check_layout(place.file(&layout)), Vec::<String>::new());
        let blobs = |name: &str| contents(&place.file(name).join("blobs"));
        assert!(blobs(&layout) == blobs("layout0"), "round {round}");
        for tag in ["a", "b"] {
            place.scant(&format!("verify oci:{layout}:{tag}")).ok();
        }
        assert_eq!(place.names(&layout), ["blobs", "index.json", "oci-layout"]);
    }
}
