#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| koodrive::fuzzing::retry_after(text));
