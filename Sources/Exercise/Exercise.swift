public import Core
internal import Ecosystems

/// What one reader of foreign bytes must keep, as a function over bytes: the tests replay seeds through it, the fuzzer looks
/// for bytes that break it. A crash, a hang and memory without bound are broken promises too.
public struct Exercise: Sendable {
    /// The folder of its seeds; for a codec, the purl type.
    public let name: String
    /// What is read and what must hold, for people.
    public let promise: String
    private let body: @Sendable ([UInt8]) -> [String]

    init(_ name: String, _ promise: String, _ body: @escaping @Sendable (_ bytes: [UInt8], inout Findings) -> Void) {
        self.name = name
        self.promise = promise
        self.body = { bytes in
            var findings = Findings()
            body(bytes, &findings)
            return findings.broken
        }
    }

    /// The promises that these bytes broke, in words; empty when all is well.
    public func run(_ bytes: [UInt8]) -> [String] { body(bytes) }

    /// One for every ecosystem of the catalog, and one for every other reader.
    public static let all: [Exercise] = [
        Catalog.all.map(codec), texts, documents, signatures, archives, inner, requests, answers, forms,
    ].flatMap(\.self)

    /// The exercise of one codec; see `Scene` for what its bytes mean.
    public static func codec(_ ecosystem: any Ecosystem) -> Exercise {
        Exercise(ecosystem.type, "requests, indexes, lockfiles, archives' names and versions of \(ecosystem.type)") {
            CodecExercise(ecosystem: ecosystem).run(Scene($0, for: ecosystem), &$1)
        }
    }
}

/// Collects what did not hold.
struct Findings {
    private(set) var broken: [String] = []

    mutating func expect(_ holds: Bool, _ promise: @autoclosure () -> String) { if !holds { broken.append(promise()) } }

    /// A purl that is recorded must be read back from the papers of the run.
    mutating func expectReadable(_ purl: Purl, _ place: String) {
        guard let back = try? Purl(parsing: purl.description) else {
            broken.append("\(place): the purl \(purl) cannot be read back")
            return
        }
        let again = try? Purl(parsing: back.description)
        expect(again == back, "\(place): the purl \(back) reads as another one the second time")
    }
}
