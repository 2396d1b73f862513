internal import Core

extension SignatureBundle.InclusionProof {
    /// True where the entry is at its place in a tree of this size and root (RFC 9162 §2.1.3.2).
    func isValid(for entry: [UInt8]) -> Bool {
        guard index >= 0, index < size else { return false }
        var (place, last) = (UInt64(index), UInt64(size - 1))
        var hash = Hashing.sha256([0] + entry)
        for sibling in hashes {
            guard last > 0 else { return false }
            if place & 1 == 1 || place == last {
                hash = Hashing.sha256([1] + sibling + hash)
                while place & 1 == 0, place > 0 {
                    place >>= 1
                    last >>= 1
                }
            } else {
                hash = Hashing.sha256([1] + hash + sibling)
            }
            place >>= 1
            last >>= 1
        }
        return last == 0 && hash == root
    }

    /// The checkpoint is the log's own, and speaks of this very tree.
    func check(signedBy log: TrustedRoot.Log) throws(Malformed) {
        guard let gap = checkpoint.firstRange(of: "\n\n") else {
            throw Malformed("has a checkpoint without a signature")
        }
        let text = String(checkpoint[..<checkpoint.index(after: gap.lowerBound)])
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
        guard lines.count >= 3, let origin = lines.first, !origin.isEmpty, Int64(lines[1]) == size,
            Base64.decode(String(lines[2])) == root
        else { throw Malformed("has a checkpoint that speaks of another tree") }
        let isSigned = checkpoint[gap.upperBound...].split(separator: "\n").contains { line in
            let words = line.split(separator: " ")
            guard words.count == 3, words[0] == "\u{2014}", words[1] == log.name,
                let bytes = Base64.decode(String(words[2])), bytes.count > 4, bytes.prefix(4) == log.keyID.prefix(4)
            else { return false }
            return log.key.isValid(Array(bytes.dropFirst(4)), for: Array(text.utf8))
        }
        guard isSigned else { throw Malformed("has a checkpoint that its log did not sign") }
    }
}
