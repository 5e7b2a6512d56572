//! The codes of ISO 3166-1, and those that people write in their place.
//!
//! The names are those of `iso3166.tab` of the IANA time zone database (in the public domain), which
//! has all codes that are officially assigned.

/// The country of a code; `None` where ISO 3166-1 has assigned none.
pub fn country_name(code: &str) -> Option<&'static str> {
    let place = COUNTRIES.binary_search_by_key(&code, |(code, _)| code).ok()?;
    COUNTRIES.get(place).map(|(_, name)| *name)
}

/// Every code that is assigned, with its country.
pub fn country_codes() -> &'static [(&'static str, &'static str)] {
    COUNTRIES
}

/// What to write in place of a code that names no country.
pub struct CountryMeant {
    /// The proposal in words, as the help of a message tells it.
    pub help: String,
    /// The code that was meant; `None` where that is not one.
    pub code: Option<String>,
}

impl CountryMeant {
    fn code(code: &'static str) -> Self {
        let name = country_name(code).unwrap_or_default();
        Self { help: format!("did you mean `{code}` ({name})?"), code: Some(code.to_owned()) }
    }

    fn advice(help: impl Into<String>) -> Self {
        Self { help: help.into(), code: None }
    }
}

/// What to write in place of two capital letters; `None` where they name a country, or are left to
/// everybody's own use.
pub fn country_meant_by_code(code: &str) -> Option<CountryMeant> {
    if country_name(code).is_some() || is_user_assigned(code) {
        return None;
    }
    Some(match meant_by(code) {
        Some(meant) => CountryMeant::code(meant),
        None if code == "EU" => {
            CountryMeant::advice("the European Union is no country: name its members one by one")
        }
        None => CountryMeant::advice(
            "use `XX` or another of the user-assigned codes for a country of your own making",
        ),
    })
}

/// What to write in place of what are no two capital letters: a code in small ones, one of three letters
/// (ISO 3166-1 alpha-3), or the name of a country; `None` where it is none of them.
pub fn country_meant(written: &str) -> Option<CountryMeant> {
    let upper = written.to_uppercase();
    if upper.len() == 2 && upper.bytes().all(|byte| byte.is_ascii_uppercase()) {
        return Some(match country_meant_by_code(&upper) {
            None => CountryMeant { help: format!("did you mean `{upper}`?"), code: Some(upper) },
            Some(CountryMeant { code: None, .. }) if upper != "EU" => {
                CountryMeant::advice(format!("`{upper}` names no country either"))
            }
            Some(meant) => meant,
        });
    }
    let of_three = |pair: &&str| pair[..3] == upper;
    let code = ALPHA_3.split(' ').find(of_three).map(|pair| &pair[3..]).or_else(|| {
        let is_name = |(_, name): &&(&str, &str)| name.to_uppercase() == upper;
        COUNTRIES.iter().find(is_name).map(|(code, _)| *code)
    })?;
    Some(CountryMeant::code(code))
}

/// The code that is meant by one that is not assigned: those that are reserved or no longer used, and
/// those that people take languages for.
fn meant_by(code: &str) -> Option<&'static str> {
    let found = MEANT.iter().find(|(written, _)| *written == code);
    found.map(|(_, meant)| *meant)
}

/// Codes that ISO 3166-1 leaves to everybody's own use: AA, QM to QZ, XA to XZ, ZZ.
fn is_user_assigned(code: &str) -> bool {
    matches!(code.as_bytes(), b"AA" | b"ZZ" | [b'Q', b'M'..=b'Z'] | [b'X', _])
}

const MEANT: &[(&str, &str)] = &[
    ("BU", "MM"),
    ("CS", "CZ"),
    ("DD", "DE"),
    ("EL", "GR"),
    ("EN", "GB"),
    ("FX", "FR"),
    ("JA", "JP"),
    ("KO", "KR"),
    ("SF", "FI"),
    ("SU", "RU"),
    ("TP", "TL"),
    ("UK", "GB"),
    ("YU", "RS"),
    ("ZR", "CD"),
];

const COUNTRIES: &[(&str, &str)] = &[
    ("AD", "Andorra"),
    ("AE", "United Arab Emirates"),
    ("AF", "Afghanistan"),
    ("AG", "Antigua & Barbuda"),
    ("AI", "Anguilla"),
    ("AL", "Albania"),
    ("AM", "Armenia"),
    ("AO", "Angola"),
    ("AQ", "Antarctica"),
    ("AR", "Argentina"),
    ("AS", "Samoa (American)"),
    ("AT", "Austria"),
    ("AU", "Australia"),
    ("AW", "Aruba"),
    ("AX", "Åland Islands"),
    ("AZ", "Azerbaijan"),
    ("BA", "Bosnia & Herzegovina"),
    ("BB", "Barbados"),
    ("BD", "Bangladesh"),
    ("BE", "Belgium"),
    ("BF", "Burkina Faso"),
    ("BG", "Bulgaria"),
    ("BH", "Bahrain"),
    ("BI", "Burundi"),
    ("BJ", "Benin"),
    ("BL", "St Barthelemy"),
    ("BM", "Bermuda"),
    ("BN", "Brunei"),
    ("BO", "Bolivia"),
    ("BQ", "Caribbean NL"),
    ("BR", "Brazil"),
    ("BS", "Bahamas"),
    ("BT", "Bhutan"),
    ("BV", "Bouvet Island"),
    ("BW", "Botswana"),
    ("BY", "Belarus"),
    ("BZ", "Belize"),
    ("CA", "Canada"),
    ("CC", "Cocos (Keeling) Islands"),
    ("CD", "Congo (Dem. Rep.)"),
    ("CF", "Central African Rep."),
    ("CG", "Congo (Rep.)"),
    ("CH", "Switzerland"),
    ("CI", "Côte d'Ivoire"),
    ("CK", "Cook Islands"),
    ("CL", "Chile"),
    ("CM", "Cameroon"),
    ("CN", "China"),
    ("CO", "Colombia"),
    ("CR", "Costa Rica"),
    ("CU", "Cuba"),
    ("CV", "Cape Verde"),
    ("CW", "Curaçao"),
    ("CX", "Christmas Island"),
    ("CY", "Cyprus"),
    ("CZ", "Czech Republic"),
    ("DE", "Germany"),
    ("DJ", "Djibouti"),
    ("DK", "Denmark"),
    ("DM", "Dominica"),
    ("DO", "Dominican Republic"),
    ("DZ", "Algeria"),
    ("EC", "Ecuador"),
    ("EE", "Estonia"),
    ("EG", "Egypt"),
    ("EH", "Western Sahara"),
    ("ER", "Eritrea"),
    ("ES", "Spain"),
    ("ET", "Ethiopia"),
    ("FI", "Finland"),
    ("FJ", "Fiji"),
    ("FK", "Falkland Islands"),
    ("FM", "Micronesia"),
    ("FO", "Faroe Islands"),
    ("FR", "France"),
    ("GA", "Gabon"),
    ("GB", "Britain (UK)"),
    ("GD", "Grenada"),
    ("GE", "Georgia"),
    ("GF", "French Guiana"),
    ("GG", "Guernsey"),
    ("GH", "Ghana"),
    ("GI", "Gibraltar"),
    ("GL", "Greenland"),
    ("GM", "Gambia"),
    ("GN", "Guinea"),
    ("GP", "Guadeloupe"),
    ("GQ", "Equatorial Guinea"),
    ("GR", "Greece"),
    ("GS", "South Georgia & the South Sandwich Islands"),
    ("GT", "Guatemala"),
    ("GU", "Guam"),
    ("GW", "Guinea-Bissau"),
    ("GY", "Guyana"),
    ("HK", "Hong Kong"),
    ("HM", "Heard Island & McDonald Islands"),
    ("HN", "Honduras"),
    ("HR", "Croatia"),
    ("HT", "Haiti"),
    ("HU", "Hungary"),
    ("ID", "Indonesia"),
    ("IE", "Ireland"),
    ("IL", "Israel"),
    ("IM", "Isle of Man"),
    ("IN", "India"),
    ("IO", "British Indian Ocean Territory"),
    ("IQ", "Iraq"),
    ("IR", "Iran"),
    ("IS", "Iceland"),
    ("IT", "Italy"),
    ("JE", "Jersey"),
    ("JM", "Jamaica"),
    ("JO", "Jordan"),
    ("JP", "Japan"),
    ("KE", "Kenya"),
    ("KG", "Kyrgyzstan"),
    ("KH", "Cambodia"),
    ("KI", "Kiribati"),
    ("KM", "Comoros"),
    ("KN", "St Kitts & Nevis"),
    ("KP", "Korea (North)"),
    ("KR", "Korea (South)"),
    ("KW", "Kuwait"),
    ("KY", "Cayman Islands"),
    ("KZ", "Kazakhstan"),
    ("LA", "Laos"),
    ("LB", "Lebanon"),
    ("LC", "St Lucia"),
    ("LI", "Liechtenstein"),
    ("LK", "Sri Lanka"),
    ("LR", "Liberia"),
    ("LS", "Lesotho"),
    ("LT", "Lithuania"),
    ("LU", "Luxembourg"),
    ("LV", "Latvia"),
    ("LY", "Libya"),
    ("MA", "Morocco"),
    ("MC", "Monaco"),
    ("MD", "Moldova"),
    ("ME", "Montenegro"),
    ("MF", "St Martin (French)"),
    ("MG", "Madagascar"),
    ("MH", "Marshall Islands"),
    ("MK", "North Macedonia"),
    ("ML", "Mali"),
    ("MM", "Myanmar (Burma)"),
    ("MN", "Mongolia"),
    ("MO", "Macau"),
    ("MP", "Northern Mariana Islands"),
    ("MQ", "Martinique"),
    ("MR", "Mauritania"),
    ("MS", "Montserrat"),
    ("MT", "Malta"),
    ("MU", "Mauritius"),
    ("MV", "Maldives"),
    ("MW", "Malawi"),
    ("MX", "Mexico"),
    ("MY", "Malaysia"),
    ("MZ", "Mozambique"),
    ("NA", "Namibia"),
    ("NC", "New Caledonia"),
    ("NE", "Niger"),
    ("NF", "Norfolk Island"),
    ("NG", "Nigeria"),
    ("NI", "Nicaragua"),
    ("NL", "Netherlands"),
    ("NO", "Norway"),
    ("NP", "Nepal"),
    ("NR", "Nauru"),
    ("NU", "Niue"),
    ("NZ", "New Zealand"),
    ("OM", "Oman"),
    ("PA", "Panama"),
    ("PE", "Peru"),
    ("PF", "French Polynesia"),
    ("PG", "Papua New Guinea"),
    ("PH", "Philippines"),
    ("PK", "Pakistan"),
    ("PL", "Poland"),
    ("PM", "St Pierre & Miquelon"),
    ("PN", "Pitcairn"),
    ("PR", "Puerto Rico"),
    ("PS", "Palestine"),
    ("PT", "Portugal"),
    ("PW", "Palau"),
    ("PY", "Paraguay"),
    ("QA", "Qatar"),
    ("RE", "Réunion"),
    ("RO", "Romania"),
    ("RS", "Serbia"),
    ("RU", "Russia"),
    ("RW", "Rwanda"),
    ("SA", "Saudi Arabia"),
    ("SB", "Solomon Islands"),
    ("SC", "Seychelles"),
    ("SD", "Sudan"),
    ("SE", "Sweden"),
    ("SG", "Singapore"),
    ("SH", "St Helena"),
    ("SI", "Slovenia"),
    ("SJ", "Svalbard & Jan Mayen"),
    ("SK", "Slovakia"),
    ("SL", "Sierra Leone"),
    ("SM", "San Marino"),
    ("SN", "Senegal"),
    ("SO", "Somalia"),
    ("SR", "Suriname"),
    ("SS", "South Sudan"),
    ("ST", "Sao Tome & Principe"),
    ("SV", "El Salvador"),
    ("SX", "St Maarten (Dutch)"),
    ("SY", "Syria"),
    ("SZ", "Eswatini (Swaziland)"),
    ("TC", "Turks & Caicos Is"),
    ("TD", "Chad"),
    ("TF", "French S. Terr."),
    ("TG", "Togo"),
    ("TH", "Thailand"),
    ("TJ", "Tajikistan"),
    ("TK", "Tokelau"),
    ("TL", "East Timor"),
    ("TM", "Turkmenistan"),
    ("TN", "Tunisia"),
    ("TO", "Tonga"),
    ("TR", "Turkey"),
    ("TT", "Trinidad & Tobago"),
    ("TV", "Tuvalu"),
    ("TW", "Taiwan"),
    ("TZ", "Tanzania"),
    ("UA", "Ukraine"),
    ("UG", "Uganda"),
    ("UM", "US minor outlying islands"),
    ("US", "United States"),
    ("UY", "Uruguay"),
    ("UZ", "Uzbekistan"),
    ("VA", "Vatican City"),
    ("VC", "St Vincent"),
    ("VE", "Venezuela"),
    ("VG", "Virgin Islands (UK)"),
    ("VI", "Virgin Islands (US)"),
    ("VN", "Vietnam"),
    ("VU", "Vanuatu"),
    ("WF", "Wallis & Futuna"),
    ("WS", "Samoa (western)"),
    ("YE", "Yemen"),
    ("YT", "Mayotte"),
    ("ZA", "South Africa"),
    ("ZM", "Zambia"),
    ("ZW", "Zimbabwe"),
];

/// Every code of three letters (ISO 3166-1 alpha-3), with that of two letters right behind it.
const ALPHA_3: &str = "\
    ABWAW AFGAF AGOAO AIAAI ALAAX ALBAL ANDAD AREAE ARGAR ARMAM ASMAS ATAAQ ATFTF ATGAG \
    AUSAU AUTAT AZEAZ BDIBI BELBE BENBJ BESBQ BFABF BGDBD BGRBG BHRBH BHSBS BIHBA BLMBL \
    BLRBY BLZBZ BMUBM BOLBO BRABR BRBBB BRNBN BTNBT BVTBV BWABW CAFCF CANCA CCKCC CHECH \
    CHLCL CHNCN CIVCI CMRCM CODCD COGCG COKCK COLCO COMKM CPVCV CRICR CUBCU CUWCW CXRCX \
    CYMKY CYPCY CZECZ DEUDE DJIDJ DMADM DNKDK DOMDO DZADZ ECUEC EGYEG ERIER ESHEH ESPES \
    ESTEE ETHET FINFI FJIFJ FLKFK FRAFR FROFO FSMFM GABGA GBRGB GEOGE GGYGG GHAGH GIBGI \
    GINGN GLPGP GMBGM GNBGW GNQGQ GRCGR GRDGD GRLGL GTMGT GUFGF GUMGU GUYGY HKGHK HMDHM \
    HNDHN HRVHR HTIHT HUNHU IDNID IMNIM INDIN IOTIO IRLIE IRNIR IRQIQ ISLIS ISRIL ITAIT \
    JAMJM JEYJE JORJO JPNJP KAZKZ KENKE KGZKG KHMKH KIRKI KNAKN KORKR KWTKW LAOLA LBNLB \
    LBRLR LBYLY LCALC LIELI LKALK LSOLS LTULT LUXLU LVALV MACMO MAFMF MARMA MCOMC MDAMD \
    MDGMG MDVMV MEXMX MHLMH MKDMK MLIML MLTMT MMRMM MNEME MNGMN MNPMP MOZMZ MRTMR MSRMS \
    MTQMQ MUSMU MWIMW MYSMY MYTYT NAMNA NCLNC NERNE NFKNF NGANG NICNI NIUNU NLDNL NORNO \
    NPLNP NRUNR NZLNZ OMNOM PAKPK PANPA PCNPN PERPE PHLPH PLWPW PNGPG POLPL PRIPR PRKKP \
    PRTPT PRYPY PSEPS PYFPF QATQA REURE ROURO RUSRU RWARW SAUSA SDNSD SENSN SGPSG SGSGS \
    SHNSH SJMSJ SLBSB SLESL SLVSV SMRSM SOMSO SPMPM SRBRS SSDSS STPST SURSR SVKSK SVNSI \
    SWESE SWZSZ SXMSX SYCSC SYRSY TCATC TCDTD TGOTG THATH TJKTJ TKLTK TKMTM TLSTL TONTO \
    TTOTT TUNTN TURTR TUVTV TWNTW TZATZ UGAUG UKRUA UMIUM URYUY USAUS UZBUZ VATVA VCTVC \
    VENVE VGBVG VIRVI VNMVN VUTVU WLFWF WSMWS YEMYE ZAFZA ZMBZM ZWEZW";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_found_and_every_hint_names_a_country() {
        assert_eq!(COUNTRIES.len(), 249);
        assert!(COUNTRIES.is_sorted_by(|(a, _), (b, _)| a < b));
        for (code, name) in COUNTRIES {
            assert_eq!(country_name(code), Some(*name));
            assert_eq!(meant_by(code), None);
        }
        for (written, meant) in MEANT {
            assert!(country_name(written).is_none() && country_name(meant).is_some(), "{written}");
        }
    }
    #[test]
    fn every_country_has_one_code_of_three_letters() {
        let mut codes: Vec<&str> = ALPHA_3.split(' ').map(|pair| &pair[3..]).collect();
        let mut of_three: Vec<&str> = ALPHA_3.split(' ').map(|pair| &pair[..3]).collect();
        assert!(of_three.is_sorted());
        of_three.dedup();
        codes.sort_unstable();
        assert_eq!(of_three.len(), COUNTRIES.len());
        assert!(codes.into_iter().eq(COUNTRIES.iter().map(|(code, _)| *code)));
    }

    #[test]
    fn what_is_no_code_is_answered_by_the_country_that_is_meant() {
        for (written, code, help) in [
            ("de", Some("DE"), "did you mean `DE`?"),
            ("uk", Some("GB"), "did you mean `GB` (Britain (UK))?"),
            ("eu", None, "the European Union is no country: name its members one by one"),
            ("pq", None, "`PQ` names no country either"),
            ("xx", Some("XX"), "did you mean `XX`?"),
            ("USA", Some("US"), "did you mean `US` (United States)?"),
            ("gbr", Some("GB"), "did you mean `GB` (Britain (UK))?"),
            ("DEU", Some("DE"), "did you mean `DE` (Germany)?"),
            ("Germany", Some("DE"), "did you mean `DE` (Germany)?"),
        ] {
            let found = country_meant(written).expect(written);
            assert_eq!((found.code.as_deref(), found.help.as_str()), (code, help), "{written}");
        }
        for written in ["", "D1", "ABC", "DE,FR", "D", "a-3"] {
            assert!(country_meant(written).is_none(), "{written}");
        }
    }
}
