namespace ActivityConnector.Transforms.Ecs;

/// <summary>What the connector says about an event's quality, in the order the tags are written. (Mapping 5.)</summary>
[Flags]
internal enum QualityTags
{
    None = 0,
    UnknownActivityType = 1,
    UnknownVerb = 1 << 1,
    ActorMissing = 1 << 2,
    NoItems = 1 << 3,
    SourceIpInvalid = 1 << 4,
    SourceIpNonPublic = 1 << 5,
    TimestampFallback = 1 << 6,
    TimestampSuspect = 1 << 7,
    IdSynthesized = 1 << 8,
    MetadataTruncated = 1 << 9,
    OriginalTruncated = 1 << 10,
    PageSalvaged = 1 << 11,
}
