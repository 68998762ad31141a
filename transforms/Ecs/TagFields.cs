using System.Text;

namespace ActivityConnector.Transforms.Ecs;

/// <summary>The field <c>tags</c> for every mix of quality tags met so far; configured tags come first.</summary>
internal sealed class TagFields(IReadOnlyList<string> configured)
{
    private static readonly (QualityTags Tag, string Text)[] Vocabulary =
    [
        (QualityTags.UnknownActivityType, "_unknown_activity_type"),
        (QualityTags.UnknownVerb, "_unknown_verb"),
        (QualityTags.ActorMissing, "_actor_missing"),
        (QualityTags.NoItems, "_no_items"),
        (QualityTags.SourceIpInvalid, "_source_ip_invalid"),
        (QualityTags.SourceIpNonPublic, "_source_ip_non_public"),
        (QualityTags.TimestampFallback, "_timestamp_fallback"),
        (QualityTags.TimestampSuspect, "_timestamp_suspect"),
        (QualityTags.IdSynthesized, "_id_synthesized"),
        (QualityTags.MetadataTruncated, "_metadata_truncated"),
        (QualityTags.OriginalTruncated, "_original_truncated"),
        (QualityTags.PageSalvaged, "_page_salvaged"),
    ];

    private readonly byte[]?[] _fields = new byte[]?[1 << Vocabulary.Length];

    public byte[] this[QualityTags tags] => _fields[(int)tags] ??= Make(tags);

    private byte[] Make(QualityTags tags)
    {
        List<string> texts = [.. configured.Concat(Vocabulary.Where(v => tags.HasFlag(v.Tag)).Select(v => v.Text)).Distinct()];
        return Encoding.UTF8.GetBytes(JsonFragment.Field("tags", texts));
    }
}
