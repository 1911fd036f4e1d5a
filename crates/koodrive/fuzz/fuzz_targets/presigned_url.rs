#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| koodrive::fuzzing::presigned_url(text));
