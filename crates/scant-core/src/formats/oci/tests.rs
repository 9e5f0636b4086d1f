//! Documents in, documents out.

use super::*;
use alloc::string::ToString;

#[track_caller]
fn case<T: Serialize + DeserializeOwned>(text: &str, expected: &str) {
    let document: T = decode(text.as_bytes()).unwrap();
    assert_eq!(String::from_utf8(encode(&document)).unwrap(), expected);
}

#[test]
fn keys_are_sorted_and_unknown_members_stay_and_null_goes() {
    case::<ImageConfig>(
        r#"{"os":"linux","zebra":[1,{"b":1,"a":null}],"architecture":"amd64","author":null,
            "history":null,"container":"x","rootfs":{"type":"layers","diff_ids":null},
            "config":{"Env":null,"Cmd":["b","a"],"OnBuild":["RUN x"],"ArgsEscaped":true,
            "Volumes":{"/b":{},"/a":{}},"Healthcheck":{"Test":["NONE"],"Later":1}}}"#,
        "{\"architecture\":\"amd64\",\"config\":{\"ArgsEscaped\":true,\"Cmd\":[\"b\",\"a\"],\
         \"Healthcheck\":{\"Later\":1,\"Test\":[\"NONE\"]},\"OnBuild\":[\"RUN x\"],\
         \"Volumes\":{\"/a\":{},\"/b\":{}}},\"container\":\"x\",\"os\":\"linux\",\
         \"rootfs\":{\"diff_ids\":[],\"type\":\"layers\"},\"zebra\":[1,{\"a\":null,\"b\":1}]}",
    );
}

#[test]
fn an_index_of_another_tool_survives() {
    let digest = Digest::of(b"");
    let text = alloc::format!(
        "{{\"manifests\":[{{\"annotations\":{{\"a\":\"b\"}},\"digest\":\"{digest}\",\
         \"mediaType\":\"m\",\"platform\":{{\"architecture\":\"amd64\",\"os\":\"windows\",\
         \"os.version\":\"10\"}},\"size\":0,\"urls\":[\"u\"]}}],\"schemaVersion\":2}}"
    );
    case::<ImageIndex>(&text, &text);
    let index: ImageIndex = decode(text.as_bytes()).unwrap();
    assert_eq!(index.manifests[0].platform.as_ref().unwrap().to_platform(), None);
}

#[test]
fn the_constants_are_what_the_types_say() {
    let marker: LayoutMarker = decode(LAYOUT_MARKER).unwrap();
    assert_eq!(encode(&marker), LAYOUT_MARKER);
    assert_eq!(
        Digest::of(EMPTY_CONFIG).to_string(),
        "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
    );
}

use crate::words::Digest;
