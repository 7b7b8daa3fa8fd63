//! x
fn main() {
    let a: Result<fusionauth_rust_client::models::UserResponse, _> = serde_json::from_str("{}");
    println!("{a:?}");
}
