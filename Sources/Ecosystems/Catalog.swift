public import Core

/// Every ecosystem we speak, in the order in which a request is offered to them.
public enum Catalog {
    public static let all: [any Ecosystem] = [
        PyPI(),
        Npm(),
        Debian(),
        OCI(),
        Maven(),
        Composer(),
        NuGet(),
        Helm(),
        Conda(),
        Cargo(),
        GoModules(),
        Terraform(),
        RubyGems(),
        RPM(),
        HexPM(),
        Pub(),
        SwiftRegistry(),
        Git(),
        Generic(),
    ]
}
