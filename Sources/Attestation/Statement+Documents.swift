public import Core

internal import struct Crypto.SHA256

extension Statement {
    /// The files that a statement speaks for beside the artifacts.
    public enum Document: String, Sendable, CaseIterable {
        case manifest, report, record
    }

    public func digest(of document: Document) -> Digest {
        switch document {
        case .manifest: predicate.documents.manifest
        case .report: predicate.documents.report
        case .record: predicate.documents.record
        }
    }

    /// Refuses bytes other than those that were signed for; `name` is what the reader knows the file by.
    public func check(_ document: Document, is bytes: [UInt8], named name: String) throws(Problem) {
        try compare(Statement.digest(of: bytes), with: digest(of: document), named: name)
    }

    /// Refuses an artifact that the statement does not name, and one with other bytes.
    public func check(artifact name: String, sha256: Digest) throws(Problem) {
        let named = subjects.filter { $0.name == name }
        if named.contains(where: { $0.sha256 == sha256 }) { return }
        guard let subject = named.first else {
            throw Problem(
                .integrityMismatch,
                subject: name,
                summary: "is not among the files that the statement names",
                remedy: "Use only files that the build signed for.",
                reason: "wrong-subject"
            )
        }
        try compare(sha256, with: subject.sha256, named: name)
    }

    private func compare(_ got: Digest, with expected: Digest, named name: String) throws(Problem) {
        guard got != expected else { return }
        throw Problem(
            .integrityMismatch,
            subject: name,
            summary: "is not the file that was signed for",
            remedy: "Fetch it again from where it was built, and ask who changed it.",
            details: ["expected": expected.description, "got": got.description],
            reason: "changed-after-signing"
        )
    }

    private static func digest(of bytes: [UInt8]) -> Digest {
        guard let digest = Digest(.sha256, bytes: Array(SHA256.hash(data: bytes))) else {
            preconditionFailure("SHA-256 has 32 bytes")
        }
        return digest
    }
}
