public import Core
internal import JSONText
internal import Kernel
internal import Knowledge
public import Policy
internal import Sigstore
internal import Storage

/// A file that becomes one of the policy's data sets as it is: keys, catalogues and lists.
public struct DatasetFile: Sendable {
    public let dataset: PolicyFile.Dataset
    public let bytes: [UInt8]
    /// `3 names`
    public let words: String
    /// When its content is of, as it says.
    public let date: Timestamp?

    public var digest: Digest { Digest.sha256(of: bytes) }

    /// Lists of which several files make one.
    private static let joinable: Set<PolicyFile.Dataset> = [.names, .suspects, .reviewed, .packages, .scorecards]

    /// What the content of a file says that it is; nil for what may be OSV records or a list.
    public static func dataset(of path: String) -> PolicyFile.Dataset? {
        guard let bytes = try? Files.readAll(path, limit: DatasetReader.bytesLimit) else { return nil }
        if bytes.starts(with: Array("#model_version".utf8)) || bytes.starts(with: Array("cve,epss".utf8)) {
            return .epss
        }
        let first = Array(bytes.prefix { $0 != 0x0A })
        let limits = JSONLimits(bytes: DatasetReader.bytesLimit)
        guard let json = (try? JSON(parsing: bytes, limits: limits)) ?? (try? JSON(parsing: first)) else { return nil }
        if json["mediaType"]?.string?.hasPrefix(TrustedRoot.mediaType) == true { return .trustedRoot }
        if json["vulnerabilities"]?.array?.first?["cveID"] != nil { return .kev }
        if json["keys"]?.array?.first?["keyid"] != nil { return .npmKeys }
        let one = json.array?.first ?? json
        if one["repo"]?["name"] != nil, one["score"] != nil { return .scorecards }
        if one["rows"]?.array?.first?["download_count"] != nil { return .packages }
        return one["purl"] != nil && one["id"] == nil ? .packages : nil
    }

    /// Reads and checks it. Several files are one list, and nothing else.
    public init(_ paths: [String], as dataset: PolicyFile.Dataset) throws(Problem) {
        var bytes: [UInt8] = []
        let isList = DatasetFile.joinable.contains(dataset)
        for path in paths {
            do throws(SystemError) { bytes += try Files.readAll(path, limit: DatasetReader.bytesLimit) } catch {
                throw DatasetFile.unusable(path, "could not be read (\(error))")
            }
            if bytes.last != UInt8(ascii: "\n"), paths.count > 1 { bytes.append(UInt8(ascii: "\n")) }
        }
        let name = paths.joined(separator: ", ")
        guard paths.count == 1 || isList else {
            throw DatasetFile.unusable(name, "are several files, and data.\(dataset.rawValue) is one")
        }
        self.dataset = dataset
        self.bytes = bytes
        (words, date) = try DatasetFile.content(bytes, name, dataset)
    }

    private static func content(_ bytes: [UInt8], _ name: String, _ dataset: PolicyFile.Dataset) throws(Problem)
        -> (String, Timestamp?)
    {
        do throws(Malformed) {
            switch dataset {
            case .trustedRoot:
                _ = try TrustedRoot(parsing: bytes)
                return ("a trusted root of Sigstore", nil)
            case .npmKeys:
                _ = try RegistryKeys(parsing: bytes)
                return ("keys of npm", nil)
            case .kev:
                let flaws = try ExploitedFlaws(parsing: bytes)
                return ("\(flaws.ids.count) flaws that are exploited", flaws.date)
            case .epss:
                let forecast = try ExploitForecast(parsing: bytes)
                return ("scores of \(forecast.count) flaws", forecast.date)
            case .packages:
                let figures = try PackageFigures(parsing: bytes)
                return ("figures of \(figures.count) packages", figures.date)
            case .scorecards:
                let cards = try Scorecards(parsing: bytes)
                return ("results of \(cards.count) repositories", cards.date)
            case .names, .suspects, .reviewed, .osv: break
            }
        } catch { throw unusable(name, error.what) }
        guard let text = String(validating: bytes, as: UTF8.self) else { throw unusable(name, "is not UTF-8 text") }
        guard dataset == .names else {
            let list = try ReleaseList(text, of: name)
            return ("\(list.count) lines", list.date)
        }
        return ("\(try PolicyFile.names(in: text, of: name).count) names", ReleaseList.date(in: text))
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
