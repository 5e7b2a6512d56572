//! Objects whose members are classes of time: there is one list of classes, and it is that of [`Class`].

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use serde_json::Value;

use crate::class::{Class, ClassTimes};
use crate::figures::TOLD;

/// How long each class lasted, in milliseconds: `staffed_ms` and so on.
pub struct TimesMs(pub ClassTimes);

impl TimesMs {
    /// The same out of what was written.
    pub fn read(value: &Value) -> Option<Self> {
        let mut times = ClassTimes::default();
        for class in Class::ALL {
            times.add(class, value[ms_key(class)].as_u64()?);
        }
        Some(Self(times))
    }
}

impl Serialize for TimesMs {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut map = to.serialize_map(Some(Class::ALL.len()))?;
        for class in Class::ALL {
            map.serialize_entry(&ms_key(class), &self.0.of(class))?;
        }
        map.end()
    }
}

/// Something of each class of [`TOLD`], in its order: `empty` and so on.
pub struct ByToldClass<T>(pub [T; TOLD.len()]);

impl<T: Serialize> Serialize for ByToldClass<T> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_map(TOLD.into_iter().map(key).zip(&self.0))
    }
}

fn key(class: Class) -> String {
    class.word().replace('-', "_")
}

fn ms_key(class: Class) -> String {
    format!("{}_ms", key(class))
}

#[cfg(feature = "schema")]
mod schema {
    use std::borrow::Cow;

    use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

    use super::{ByToldClass, Class, TOLD, TimesMs, Value, key, ms_key};

    /// An object that has all of these members.
    fn object(members: impl Iterator<Item = (String, Value)>) -> Schema {
        let (names, members): (Vec<_>, Vec<_>) =
            members.map(|(name, of)| (name.clone(), (name, of))).unzip();
        let members: serde_json::Map<_, _> = members.into_iter().collect();
        json_schema!({ "type": "object", "properties": members, "required": names })
    }

    impl JsonSchema for TimesMs {
        fn inline_schema() -> bool {
            true
        }

        fn schema_name() -> Cow<'static, str> {
            "TimesMs".into()
        }

        fn json_schema(_: &mut SchemaGenerator) -> Schema {
            object(Class::ALL.into_iter().map(|class| {
                let meaning = format!("How long it was {}, in milliseconds.", class.meaning());
                let of = json_schema!({ "type": "integer", "minimum": 0, "description": meaning });
                (ms_key(class), of.to_value())
            }))
        }
    }

    impl<T: JsonSchema> JsonSchema for ByToldClass<T> {
        fn inline_schema() -> bool {
            true
        }

        fn schema_name() -> Cow<'static, str> {
            format!("ByToldClass_of_{}", T::schema_name()).into()
        }

        fn json_schema(generator: &mut SchemaGenerator) -> Schema {
            let of = generator.subschema_for::<T>().to_value();
            object(TOLD.into_iter().map(|class| (key(class), of.clone())))
        }
    }
}
