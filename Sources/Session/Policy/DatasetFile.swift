internal import Core
internal import JSONText
internal import Kernel
internal import Policy
internal import Sigstore
internal import Storage

/// A file that becomes one of the policy's data sets as it is: keys, and lists of names.
struct DatasetFile: Sendable {
    let dataset: PolicyFile.Dataset
    let bytes: [UInt8]
    /// `3 names`
    let words: String

    var digest: Digest { Digest.sha256(of: bytes) }

    /// What the content of a file says that it is; nil for what may be OSV records or a list.
    static func dataset(of path: String) -> PolicyFile.Dataset? {
        guard let bytes = try? Files.readAll(path, limit: 16 << 20), let json = try? JSON(parsing: bytes) else {
            return nil
        }
        if json["mediaType"]?.string?.hasPrefix(TrustedRoot.mediaType) == true { return .trustedRoot }
        if json["vulnerabilities"]?.array?.first?["cveID"] != nil { return .kev }
        return json["keys"]?.array?.first?["keyid"] == nil ? nil : .npmKeys
    }

    /// Reads and checks it. Several files are one list of names, and nothing else.
    init(_ paths: [String], as dataset: PolicyFile.Dataset) throws(Problem) {
        var bytes: [UInt8] = []
        for path in paths {
            do throws(SystemError) { bytes += try Files.readAll(path, limit: 16 << 20) } catch {
                throw DatasetFile.unusable(path, "could not be read (\(error))")
            }
            if bytes.last != UInt8(ascii: "\n"), dataset == .names { bytes.append(UInt8(ascii: "\n")) }
        }
        let name = paths.joined(separator: ", ")
        guard paths.count == 1 || dataset == .names else {
            throw DatasetFile.unusable(name, "are several files, and data.\(dataset.rawValue) is one")
        }
        self.dataset = dataset
        self.bytes = bytes
        words = try DatasetFile.words(bytes, name, dataset)
    }

    private static func words(_ bytes: [UInt8], _ name: String, _ dataset: PolicyFile.Dataset) throws(Problem) -> String
    {
        do throws(Malformed) {
            switch dataset {
            case .trustedRoot:
                _ = try TrustedRoot(parsing: bytes)
                return "a trusted root of Sigstore"
            case .npmKeys:
                _ = try RegistryKeys(parsing: bytes)
                return "keys of npm"
            case .kev: return "\(try ExploitedFlaws(parsing: bytes).ids.count) flaws that are exploited"
            case .names, .osv: break
            }
        } catch { throw unusable(name, error.what) }
        guard let text = String(validating: bytes, as: UTF8.self) else { throw unusable(name, "is not UTF-8 text") }
        return "\(try PolicyFile.names(in: text, of: name).count) names"
    }

    private static func unusable(_ name: String, _ summary: String) -> Problem {
        Problem(
            .configUnreadable,
            subject: name,
            summary: summary,
            remedy: "Fetch it again from where it is published, or say with --kind what it is."
        )
    }
}
