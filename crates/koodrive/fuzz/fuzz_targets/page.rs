#![no_main]

libfuzzer_sys::fuzz_target!(|body: &[u8]| koodrive::fuzzing::page(body));
