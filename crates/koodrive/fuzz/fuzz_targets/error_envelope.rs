#![no_main]

libfuzzer_sys::fuzz_target!(|answer: &[u8]| koodrive::fuzzing::error_envelope(answer));
