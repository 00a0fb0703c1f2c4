mod json;
mod jws;
mod keys;
mod x509;
