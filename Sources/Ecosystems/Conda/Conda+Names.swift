public import Core

extension Conda {
    /// The index of a channel tells of the channel.
    public func names(in request: Request) -> [Purl] {
        guard let place = CondaPlace(request.url) else { return [] }
        return [Purl(type: type, name: "-", qualifiers: ["channel": place.channel, "subdir": place.subdir])]
    }
}
