//! What the builders of tools, prompts and resources have in common.

/// The methods for what every definition has: title, description, icons, `_meta`.
macro_rules! describing {
    ($builder:ty) => {
        impl $builder {
            /// The name for people.
            pub fn title(&mut self, title: &str) {
                self.definition.title = Some(title.to_owned());
            }

            /// What it is for.
            pub fn description(&mut self, description: &str) {
                self.definition.description = Some(description.to_owned());
            }

            /// An icon; `sizes` are separated by spaces.
            pub fn icon(&mut self, src: &str, mime: Option<&str>, sizes: Option<&str>) {
                let mut icon = Icon::new(src);
                icon.mime_type = mime.map(str::to_owned);
                icon.sizes =
                    sizes.map(|sizes| sizes.split_whitespace().map(str::to_owned).collect());
                self.definition.icons.get_or_insert_default().push(icon);
            }

            /// What a caller over a network must have been granted.
            pub fn scopes(&mut self, scopes: &[&str]) {
                self.scopes.extend(scopes);
            }

            /// An entry of `_meta`.
            pub fn meta(&mut self, key: &str, value: Value) {
                self.definition
                    .meta
                    .get_or_insert_with(Meta::new)
                    .insert(key, value);
            }
        }
    };
}

/// Implements a list trait for tuples of up to 16 lists.
macro_rules! tuple_lists {
    ($trait:ident, $entry:ident) => {
        $crate::handler::builders::tuple_lists! { @each $trait $entry
            (A) (A B) (A B C) (A B C D) (A B C D E) (A B C D E F) (A B C D E F G)
            (A B C D E F G H) (A B C D E F G H I) (A B C D E F G H I J)
            (A B C D E F G H I J K) (A B C D E F G H I J K L) (A B C D E F G H I J K L M)
            (A B C D E F G H I J K L M N) (A B C D E F G H I J K L M N O)
            (A B C D E F G H I J K L M N O P)
        }
    };
    (@each $trait:ident $entry:ident $(($($name:ident)+))*) => {
        $(impl<$($name: $trait),+> $trait for ($($name,)+) {
            fn entries(options: &SchemaOptions, out: &mut Vec<$entry>) {
                $($name::entries(options, out);)+
            }
        })*
    };
}

/// The three ways in which generated code finishes a builder.
macro_rules! finishing {
    ($builder:ty, $entry:ty, $outcome:ty) => {
        /// Finishes an entry whose function answers at once.
        pub fn finish<R: 'static, const N: usize, F>(
            builder: $builder,
            output: Output<R, $outcome>,
            function: F,
        ) -> $entry
        where
            F: Fn(&mut Call<'_, '_>) -> Option<R> + Send + Sync + 'static,
        {
            let (parts, frame) = builder.close(output);
            parts.with(frame.inline::<N, F>(function))
        }

        /// Finishes an entry whose function is asynchronous.
        pub fn finish_async<R: 'static, const N: usize, F, Fut>(
            builder: $builder,
            output: Output<R, $outcome>,
            function: F,
        ) -> $entry
        where
            F: Fn(&mut Call<'_, '_>) -> Option<Fut> + Send + Sync + 'static,
            Fut: Future<Output = R> + Send + 'static,
        {
            let (parts, frame) = builder.close(output);
            parts.with(frame.future::<N, F, Fut>(function))
        }

        /// Finishes an entry whose function blocks.
        pub fn finish_blocking<R: 'static, const N: usize, F, Work>(
            builder: $builder,
            output: Output<R, $outcome>,
            function: F,
        ) -> $entry
        where
            F: Fn(&mut Call<'_, '_>) -> Option<Work> + Send + Sync + 'static,
            Work: FnOnce() -> R + Send + 'static,
        {
            let (parts, frame) = builder.close(output);
            parts.with(frame.blocking::<N, F, Work>(function))
        }
    };
}

pub(super) use {describing, finishing, tuple_lists};
