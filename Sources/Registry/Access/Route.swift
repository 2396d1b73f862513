internal import Core
internal import Policy
internal import Storage

/// One row of the registry's surface: an address, its methods, and what a caller needs.
struct Route: Sendable {
    /// What is done at the address.
    enum Action: String, Sendable, CaseIterable {
        case health, readiness, metrics
        case missingBlobs, readBlob, uploadState, upload
        case pushBuild, listBuilds, readBuild, verifyBuild, promoteBuild
        case fetch, facts, events, readPolicy, readData
        case publishFile, readFile, readIndex
    }

    /// What a caller needs.
    enum Need: Hashable, Sendable {
        case nothing
        /// The scope on at least one repository; what is shown is then only what the token may read.
        case somewhere(Scope)
        /// The scope on the repository that the path, the query, the body or the build names.
        case here(Scope)
    }

    let action: Action
    let methods: [String]
    /// Segments; `{name}` takes one, `{rest...}` takes what is left.
    let pattern: String
    let need: Need

    /// Every address there is, the first fitting row wins.
    static let table: [Route] = [
        Route(.health, "GET", "/healthz", .nothing),
        Route(.readiness, "GET", "/readyz", .nothing),
        Route(.metrics, "GET", "/metrics", .nothing),
        Route(.missingBlobs, "POST", "/api/v1/blobs/missing", .somewhere(.publish)),
        Route(.readBlob, "GET", "/api/v1/blobs/sha256/{hex}", .somewhere(.read)),
        Route(.uploadState, "GET", "/api/v1/uploads/sha256/{hex}", .somewhere(.publish)),
        Route(.upload, "PATCH", "/api/v1/uploads/sha256/{hex}", .somewhere(.publish)),
        Route(.pushBuild, "POST", "/api/v1/builds", .here(.publish)),
        Route(.listBuilds, "GET", "/api/v1/builds", .here(.read)),
        Route(.readBuild, "GET", "/api/v1/builds/{build}", .here(.read)),
        Route(.verifyBuild, "POST", "/api/v1/builds/{build}/verifications", .here(.publish)),
        Route(.promoteBuild, "POST", "/api/v1/builds/{build}/promote", .here(.promote)),
        Route(.fetch, "GET", "/api/v1/fetch", .somewhere(.read)),
        Route(.facts, "POST", "/api/v1/facts", .somewhere(.read)),
        Route(.events, "GET", "/api/v1/events", .somewhere(.read)),
        Route(.readPolicy, "GET", "/api/v1/policy", .somewhere(.read)),
        Route(.readData, "GET", "/api/v1/data/{data}", .somewhere(.read)),
        Route(.publishFile, "POST", "/{repository}/{channel}/{type}/legacy", .here(.publish)),
        Route(.readFile, "GET", "/{repository}/{channel}/{type}/files/{hex}/{file}", .here(.read)),
        Route(.readIndex, "GET", "/{repository}/{channel}/{type}/{rest...}", .here(.read)),
    ]

    private init(_ action: Action, _ method: String, _ pattern: String, _ need: Need) {
        self.action = action
        self.methods = method == "GET" ? ["GET", "HEAD"] : [method]
        self.pattern = pattern
        self.need = need
    }

    /// What the segments of a path stand for in this row; nil where it does not fit.
    func parameters(in segments: [Substring]) -> [String: String]? {
        var parameters: [String: String] = [:]
        let wanted = pattern.split(separator: "/")
        for (index, part) in wanted.enumerated() {
            if part == "{rest...}" { return index < segments.count ? parameters : nil }
            guard index < segments.count, let segment = PercentEncoding.decode(segments[index]) else { return nil }
            if part.hasPrefix("{") {
                let name = String(part.dropFirst().dropLast())
                guard Route.fits(segment, name) else { return nil }
                parameters[name] = segment
            } else if part != segments[index] {
                return nil
            }
        }
        return wanted.count == segments.count ? parameters : nil
    }

    private static func fits(_ segment: String, _ parameter: String) -> Bool {
        switch parameter {
        case "hex": isLowerHex(segment, count: 64)
        case "build": isLowerHex(segment, count: 16)
        case "data": PolicyFile.Dataset(rawValue: segment) != nil
        case "file": !segment.isEmpty && segment.utf8.count <= 255 && !segment.contains("/")
        default: Repository.isName(segment)
        }
    }

    private static func isLowerHex(_ text: String, count: Int) -> Bool {
        text.utf8.count == count
            && text.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
    }
}

/// A row that fits a request, and what its path says.
struct RouteMatch: Sendable {
    let route: Route
    let parameters: [String: String]

    /// The row for a path, whatever the methods; the methods that the path knows when none takes this one.
    static func find(_ method: String, _ path: String) throws(Declined) -> RouteMatch {
        var segments = path.split(separator: "/", omittingEmptySubsequences: false).dropFirst()
        if segments.last == "" { segments.removeLast() }
        guard segments.allSatisfy({ !$0.isEmpty }) else { throw .notFound(path) }
        var allowed: [String] = []
        for route in Route.table {
            guard let parameters = route.parameters(in: Array(segments)) else { continue }
            if route.methods.contains(method) { return RouteMatch(route: route, parameters: parameters) }
            allowed += route.methods
        }
        guard !allowed.isEmpty else { throw .notFound(path) }
        throw .wrongMethod(method, allowed: allowed)
    }

    subscript(name: String) -> String { parameters[name] ?? "" }
}
