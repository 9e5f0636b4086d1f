//! Texts that servers and files say of registries, whatever they are.

use proptest::prelude::*;
use scant_core::formats::auth_file::AuthFile;
use scant_core::formats::challenge;
use scant_core::formats::image_reference::Name;
use scant_core::formats::registries_conf::{MirrorConf, RegistriesConf, RegistryConf};

proptest! {
    #[test]
    fn any_header_has_challenges_or_none(header in "[ -~é]{0,80}|(Basic|Bearer|[a-z]*=|\"|,| |\\\\){0,30}") {
        for challenge in challenge::parse(&header) {
            prop_assert!(!challenge.scheme.is_empty());
            prop_assert_eq!(&challenge.scheme, &challenge.scheme.to_ascii_lowercase());
        }
    }

    #[test]
    fn any_file_is_read_or_refused_without_its_text(text in "(secret|[{}\":,]|auths|HOST|=|/){0,40}") {
        match AuthFile::parse(text.as_bytes()) {
            Ok(file) => {
                let _ = file.credential("HOST", "a/b");
                prop_assert!(AuthFile::parse(&file.encode()).is_ok());
            }
            Err(error) => prop_assert!(!error.to_string().contains("secret")),
        }
    }

    #[test]
    fn what_is_put_in_comes_out(name in "[a-z]{1,8}", password in "[ -~]{1,20}", host in "[a-z]{1,5}\\.[a-z]{2}(:[0-9]{1,4})?") {
        let mut file = AuthFile::default();
        file.insert(&host, &name, &password.clone().into());
        let file = AuthFile::parse(&file.encode()).unwrap();
        let Some(scant_core::formats::auth_file::Credential::Password { name: n, password: p }) =
            file.credential(&host, "any/image") else { panic!("it is there") };
        prop_assert_eq!((n, p.reveal()), (name, &*password));
    }

    #[test]
    fn every_name_leads_somewhere(prefix in "[a-z.*/:]{0,12}", location in "[a-z.*/:]{0,12}") {
        let mirror = vec![MirrorConf { location: prefix.clone(), ..MirrorConf::default() }];
        let one = RegistryConf { prefix, location, mirror, ..RegistryConf::default() };
        let conf = RegistriesConf { registries: vec![one] };
        for name in ["a.b/c/d", "a.b:1/c", "alpine"] {
            let name: Name = name.parse().unwrap();
            prop_assert!(!conf.sources(&name).unwrap().is_empty());
        }
    }
}
