//! Copies into what is there: whoever tries out one thing after the other on a copy of a fleet takes the last
//! copy for the next one, with the room that it has.

/// `Clone`, field by field, of which `clone_from` goes on into each of them; that of a derive would throw away
/// what is there.
macro_rules! clone_by_field {
    ($name:ident { $($field:ident),+ $(,)? }) => {
        impl Clone for $name {
            fn clone(&self) -> Self {
                let Self { $($field),+ } = self;
                Self { $($field: Clone::clone($field)),+ }
            }

            fn clone_from(&mut self, source: &Self) {
                let Self { $($field),+ } = self;
                $(Clone::clone_from($field, &source.$field);)+
            }
        }
    };
    ($name:ident(_)) => {
        impl Clone for $name {
            fn clone(&self) -> Self {
                Self(self.0.clone())
            }

            fn clone_from(&mut self, source: &Self) {
                self.0.clone_from(&source.0);
            }
        }
    };
}

pub(super) use clone_by_field;
