public import Core

extension Terraform {
    /// `.terraform.lock.hcl`: a block for each provider, with the hashes of its archives on every platform.
    public func pins(in document: [UInt8], named name: String) throws(Malformed) -> [Pin] {
        guard lockfileNames.contains(name) else { return [] }
        guard let text = String(validating: document, as: UTF8.self) else { throw Malformed("\(name) is not UTF-8") }
        var pins: [Pin] = []
        var block = Block()
        for line in text.split(whereSeparator: \.isNewline) {
            let words = line.drop(while: \.isWhitespace)
            if words.hasPrefix("#") || words.hasPrefix("//") { continue }
            if words.hasPrefix("provider ") {
                block = Block(address: Terraform.texts(in: words).first)
            } else if words.hasPrefix("version ") || words.hasPrefix("version=") {
                block.version = Terraform.texts(in: words).first
            } else if words.hasPrefix("}") {
                if let pin = try block.pin() { pins.append(pin) }
                block = Block()
            } else if words.hasPrefix("hashes") || words.hasPrefix("\"") {
                block.digests += Terraform.texts(in: words).compactMap(Terraform.digest)
            }
        }
        return pins
    }

    /// The provider that is being read.
    private struct Block {
        var address: String?
        var version: String?
        var digests: [Digest] = []

        func pin() throws(Malformed) -> Pin? {
            guard let address, let version, !digests.isEmpty else { return nil }
            let parts = address.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
            guard parts.count == 3 else { throw Malformed("'\(address.prefix(80))' is no provider's address") }
            let provider = try Terraform.provider(parts[0].lowercased(), parts[1], parts[2])
            return Pin(release: provider.at(try Terraform.version(version)), digests: digests)
        }
    }

    /// The quoted texts of a line; hashes and addresses have no escapes.
    private static func texts(in line: Substring) -> [String] {
        line.split(separator: "\"", omittingEmptySubsequences: false).enumerated()
            .filter { !$0.offset.isMultiple(of: 2) }.map { String($0.element) }
    }
}
