//! The whole client against servers in this process, by what they received and what came out.
