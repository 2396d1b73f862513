public import Core

extension PyPI: HostableEcosystem {
    /// Reads an upload of twine or uv (`POST /legacy/`), refusing in the words that PyPI uses.
    public func readPublication(_ form: PublicationForm) throws(Malformed) -> Publication {
        let fields = try UploadFields(form.fields)
        try fields.require(":action", "file_upload")
        if let version = fields[optional: "protocol_version"], version != "1" {
            throw Malformed("Unknown protocol version.")
        }
        let name = try fields["name"]
        guard ProjectName.isValid(name) else {
            throw Malformed(
                "Invalid value for name. Error: Start and end with a letter or numeral containing only ASCII numeric "
                    + "and '.', '_' and '-'."
            )
        }
        let text = try fields["version"]
        guard let version = PythonVersion(text) else {
            throw Malformed("Invalid value for version. Error: '\(text.prefix(80))' is an invalid version.")
        }
        try PyPI.check(fields, filetype: fields["filetype"])
        let project = ProjectName.normalized(name)
        try PyPI.check(file: form.file, project: project, version: version, filetype: fields["filetype"])
        try PyPI.check(digests: fields, of: form)
        var artifact = Artifact(file: form.file, digests: form.digests, size: form.size)
        artifact.attributes["requires-python"] = fields[optional: "requires_python"]
        var release = Release(purl: Purl(type: type, name: project, version: version.description))
        release.license = fields[optional: "license_expression"] ?? fields[optional: "license"]
        release.artifacts = [artifact]
        return Publication(release: release, artifact: artifact)
    }

    private static func check(_ fields: UploadFields, filetype: String) throws(Malformed) {
        guard filetype == "sdist" || filetype == "bdist_wheel" else {
            throw Malformed("Invalid value for filetype. Error: Use a known file type.")
        }
        let python = fields[optional: "pyversion"]
        if filetype == "sdist", let python, python != "source" {
            throw Malformed("Invalid value for pyversion. Error: Use 'source' as Python version for an sdist.")
        }
        if filetype == "bdist_wheel", python == nil {
            throw Malformed("Invalid value for pyversion. Error: Python version is required for binary distribution.")
        }
    }

    private static func check(file: String, project: String, version: PythonVersion, filetype: String) throws(Malformed)
    {
        guard !file.contains("/"), !file.contains("\\") else {
            throw Malformed("Cannot upload a file with '/' or '\\' in the name.")
        }
        let isSource = file.hasSuffix(".tar.gz") || file.hasSuffix(".zip")
        guard isSource || file.hasSuffix(".whl"), file.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw Malformed("Invalid file extension: Use .tar.gz, .whl or .zip extension.")
        }
        guard isSource == (filetype == "sdist") else {
            throw Malformed("The file extension does not belong to the file type '\(filetype)'.")
        }
        let kind = isSource ? "source distribution" : "wheel"
        let readings = DistributionFile.readings(of: file)
        guard !readings.isEmpty else { throw Malformed("Invalid \(kind) filename '\(file.prefix(200))'.") }
        guard let reading = readings.first(where: { $0.project == project }) else {
            let start = project.map { $0 == "-" ? "_" : $0 }
            throw Malformed("Start filename for '\(project)' with '\(String(start))'.")
        }
        guard let outside = PythonVersion(reading.version), PythonVersion.order(outside, version) == 0 else {
            throw Malformed("Version in filename should be '\(version)' not '\(reading.version)'.")
        }
    }

    /// The digests we computed must be the ones stated. BLAKE2 is not among ours: its form alone is checked, and sha256
    /// is then required beside it.
    private static func check(digests fields: UploadFields, of form: PublicationForm) throws(Malformed) {
        var verified = 0
        for (field, algorithm) in [("sha256_digest", Digest.Algorithm.sha256), ("md5_digest", .md5)] {
            guard let hex = fields[optional: field] else { continue }
            guard let stated = Digest(algorithm, hex: hex) else {
                throw Malformed("Invalid value for \(field). Error: Use a valid, hex-encoded, message digest.")
            }
            guard let computed = form.digests.first(where: { $0.algorithm == algorithm }) else { continue }
            guard computed == stated else {
                throw Malformed("The digest supplied does not match a digest calculated from the uploaded file.")
            }
            if algorithm.isStrong { verified += 1 }
        }
        if let hex = fields[optional: "blake2_256_digest"], hex.utf8.count != 64 || Hex.decode(hex) == nil {
            throw Malformed("Invalid value for blake2_256_digest. Error: Use a valid, hex-encoded, message digest.")
        }
        guard verified > 0 else { throw Malformed("Include a sha256_digest.") }
    }
}

/// The fields of an upload by name. `classifiers` and their like repeat; what decides identity must not.
private struct UploadFields {
    private var values: [String: String] = [:]

    private static let single: Set<String> = [
        ":action", "protocol_version", "metadata_version", "name", "version", "filetype", "pyversion",
        "sha256_digest", "blake2_256_digest", "md5_digest", "requires_python",
    ]

    init(_ fields: [(name: String, value: String)]) throws(Malformed) {
        for (name, value) in fields {
            guard values[name] == nil else {
                if UploadFields.single.contains(name) { throw Malformed("Duplicate values for \(name).") }
                continue
            }
            values[name] = value
        }
    }

    subscript(optional name: String) -> String? { values[name].flatMap { $0.isEmpty || $0 == "UNKNOWN" ? nil : $0 } }

    subscript(name: String) -> String {
        get throws(Malformed) {
            guard let value = self[optional: name] else {
                throw Malformed("Invalid value for \(name). Error: This field is required.")
            }
            return value
        }
    }

    func require(_ name: String, _ wanted: String) throws(Malformed) {
        let value = try self[name]
        guard value == wanted else { throw Malformed("Invalid value for \(name). Error: Use '\(wanted)'.") }
    }
}
