fn main() {
    println!("rust {}", hex::encode([0x0c, 0x0d]));
}
