namespace ActivityConnector.Pipeline;

/// <summary>One committed event as the journal knows it again when its source reads it again.</summary>
/// <param name="Key">Which event.</param>
/// <param name="Content">The content digest under which it was committed; 0 = it is not compared.</param>
public readonly record struct SeenEvent(EventKey Key, ulong Content)
{
    public static SeenEvent Of(Transforms.EcsEvent e) => new(EventKey.Of(e), e.ContentDigest);
}
