using System.Globalization;
using System.Text.Json;
using ActivityConnector.Transforms;

namespace ActivityConnector.Tests.Golden.Properties;

/// <summary>The content hash is of what a record says, not of how it is written.</summary>
public sealed class ContentHashTests
{
    private static readonly string[] NewValues = ["1", "\"\"", "true", "{}", "[]", "[null]", "{\"a\":{\"b\":[1,{\"c\":\"x\"}]},\"d\":false}"];

    public static TheoryData<string> BothVendors => ["intercom", "sequence"];

    [Theory, MemberData(nameof(BothVendors))]
    public void The_order_of_members_does_not_count(string vendor) => Unchanged(vendor, (tree, random) =>
    {
        tree.ShuffleMembers(random);
        return tree.ToString();
    });

    [Theory, MemberData(nameof(BothVendors))]
    public void Members_that_are_null_do_not_count(string vendor) => Unchanged(vendor, (tree, random) =>
    {
        foreach (var node in tree.All().Where(t => t.Kind == JsonValueKind.Object).ToList())
        {
            node.Members.RemoveAll(m => m.IsNull && node.Members.Count(other => other.Key == m.Key) == 1 && random.Next(2) == 0);
            if (random.Next(2) == 0)
                node.Members.Insert(random.Next(node.Members.Count + 1), New("via", "null"));
        }

        return tree.ToString();
    });

    [Theory, MemberData(nameof(BothVendors))]
    public void White_space_does_not_count(string vendor) => Unchanged(vendor, (tree, random) =>
        tree.Write(() => ((string[])["", "", " ", "\n\t", "\r\n    "])[random.Next(5)], raw => raw, raw => raw));

    [Theory, MemberData(nameof(BothVendors))]
    public void Escapes_do_not_count(string vendor) => Unchanged(vendor, (tree, random) =>
        tree.Write(() => "", raw => Tree.Decoded(raw) is { } text ? $"\"{string.Concat(text.Select(c => Escaped(c, random)))}\"" : raw, raw => raw));

    [Theory, MemberData(nameof(BothVendors))]
    public void The_spelling_of_numbers_does_not_count(string vendor) => Unchanged(vendor, (tree, random) =>
        tree.Write(() => "", raw => raw, raw => Respelled(raw, random)));

    [Fact]
    public void Another_value_another_name_or_another_place_is_another_content() => Changed((tree, random) =>
    {
        var changes = tree.All().SelectMany(ChangesOf).ToList();
        if (changes.Count == 0)
            return false;
        changes[random.Next(changes.Count)]();
        return true;
    });

    [Fact]
    public void A_member_less_that_was_not_null_is_another_content_and_not_grown() => Changed((tree, random) =>
    {
        var members = tree.All()
            .SelectMany(t => t.Counting.Where(m => !m.IsNull && t.Members.Count(other => other.Key == m.Key) == 1).Select(m => (t, m)))
            .ToList();
        if (members.Count == 0)
            return false;
        var (node, member) = members[random.Next(members.Count)];
        return node.Members.Remove(member);
    });

    [Fact]
    public void An_element_more_is_another_content_and_not_grown() => Changed((tree, random) =>
    {
        var arrays = tree.All().Where(t => t.Kind == JsonValueKind.Array).ToList();
        if (arrays.Count == 0)
            return false;
        arrays[random.Next(arrays.Count)].Elements.Add(Tree.Parse(NewValues[random.Next(NewValues.Length)]));
        return true;
    });

    [Fact]
    public void Two_members_more_are_another_content_and_not_grown() => Changed((tree, random) => AddMembers(tree, random, "first", "second"));

    [Fact]
    public void A_member_more_at_any_depth_and_with_any_value_is_grown() => Holds("intercom", (before, tree, random, transform) =>
    {
        if (!AddMembers(tree, random, "region"))
            return;

        using var after = Run(transform, tree.ToString());
        var e = after.Events.Single();
        Assert.NotEqual(before[0].ContentDigest, e.ContentDigest);
        Assert.True(transform.BeforeGrowth(e).Contains(before[0].ContentDigest), tree.ToString());
        Assert.DoesNotContain(before[0].ContentDigest + 1, transform.BeforeGrowth(e));
    });

    [Fact]
    public void A_member_more_of_a_Sequence_log_is_grown_in_the_events_it_concerns_and_nowhere_else() => Holds("sequence", (before, tree, random, transform) =>
    {
        var items = tree.Counting.FirstOrDefault(m => m.Key == "activityLogItems")?.Value;
        if (items is not { Elements.Count: > 0 })
            return;
        var item = items.Elements[random.Next(items.Elements.Count)];
        if (!AddMembers(random.Next(2) == 0 ? tree : item, random, "region"))
            return;

        using var after = Run(transform, tree.ToString());
        Assert.Equal(before.Count, after.Events.Count);
        var changed = before.Zip(after.Events).Where(pair => pair.First.ContentDigest != pair.Second.ContentDigest).ToList();
        Assert.NotEmpty(changed);
        Assert.All(changed, pair => Assert.True(transform.BeforeGrowth(pair.Second).Contains(pair.First.ContentDigest), tree.ToString()));
        if (!item.ToString().Contains("region", StringComparison.Ordinal)
            || items.Elements.Any(e => e != item && e.ToString().Contains("region", StringComparison.Ordinal)))
            return;
        Assert.Equal([items.Elements.IndexOf(item)], changed.Select(pair => before.ToList().IndexOf(pair.First)));
    });

    [Fact]
    public void Each_event_of_a_Sequence_log_has_the_content_of_the_log_with_that_item_alone() => Property.Holds("sequence", sample =>
    {
        var transform = Vendors.Transform("sequence", Vendors.Settings("sequence"));
        using var together = Run(transform, sample.Json);
        foreach (var (original, e) in (sample.Originals ?? []).Zip(together.Events))
        {
            using var alone = Run(transform, original);
            Assert.Equal(alone.Events.Single().ContentDigest, e.ContentDigest);
        }
    });

    [Fact]
    public void An_item_more_changes_no_other_item() => Holds("sequence", (before, tree, random, transform) =>
    {
        if (tree.Counting.FirstOrDefault(m => m.Key == "activityLogItems")?.Value is not { Elements.Count: > 0 } items)
            return;

        items.Elements.Insert(random.Next(items.Elements.Count + 1), Tree.Parse("""{"id":"new","verb":"CREATED"}"""));
        using var after = Run(transform, tree.ToString());
        var hashes = after.Events.Where(e => e.EventId != "new").Select(e => e.ContentDigest);
        Assert.Equal(before.Select(e => e.ContentDigest), hashes);
    });

    private static void Unchanged(string vendor, Func<Tree, Random, string> rewrite) => Holds(vendor, (before, tree, random, transform) =>
    {
        var rewritten = rewrite(tree, random);
        using var after = Run(transform, rewritten);
        Assert.True(before.Select(e => e.ContentDigest).SequenceEqual(after.Events.Select(e => e.ContentDigest)), rewritten);
    });

    private static void Changed(Func<Tree, Random, bool> change) => Holds("intercom", (before, tree, random, transform) =>
    {
        if (!change(tree, random))
            return;

        using var after = Run(transform, tree.ToString());
        if (after.Events.Count == 0)
            return;

        Assert.True(before[0].ContentDigest != after.Events[0].ContentDigest, tree.ToString());
        Assert.False(transform.BeforeGrowth(after.Events[0]).Contains(before[0].ContentDigest), tree.ToString());
    });

    /// <summary>For every generated record that makes events: these, the record, and chance that depends on the record alone.</summary>
    private static void Holds(string vendor, Action<IReadOnlyList<EcsEvent>, Tree, Random, IActivityTransform> check) => Property.Holds(vendor, sample =>
    {
        var transform = Vendors.Transform(vendor, Vendors.Settings(vendor));
        using var batch = Run(transform, sample.Json);
        if (batch.Events.Count > 0)
            check(batch.Events, Tree.Parse(sample.Json), new Random(sample.Json.Aggregate(7, (h, c) => unchecked((h * 31) + c))), transform);
    });

    private static EventBatch Run(IActivityTransform transform, string json)
    {
        var batch = new EventBatch();
        transform.Run(json, Vendors.ReceivedAt, batch);
        Assert.All(batch.Events, e => Assert.NotEqual(0UL, e.ContentDigest));
        return batch;
    }

    private static IEnumerable<Action> ChangesOf(Tree tree)
    {
        if (tree.Kind == JsonValueKind.String)
            yield return () => tree.Raw = tree.Raw.Insert(tree.Raw.Length - 1, "x");
        if (tree.Kind == JsonValueKind.Number)
            yield return () => tree.Raw = "-123454321.25";
        if (tree.Kind is JsonValueKind.True or JsonValueKind.False)
            yield return () => tree.Raw = tree.Kind == JsonValueKind.True ? "false" : "true";
        foreach (var member in tree.Counting.Where(m => !m.IsNull && tree.Members.Count(other => other.Key == m.Key) == 1))
            yield return () => tree.Members[tree.Members.IndexOf(member)] = member with { Name = "\"renamed\"" };
        if (tree.Elements is [{ Kind: JsonValueKind.String or JsonValueKind.Number } first, .., var last] && first.Raw != last.Raw && last.Kind != first.Kind)
            yield return () => (tree.Elements[0], tree.Elements[^1]) = (last, first);
    }

    private static bool AddMembers(Tree tree, Random random, params string[] names)
    {
        var objects = tree.All().Where(t => t.Kind == JsonValueKind.Object).ToList();
        foreach (var name in objects.Count > 0 ? names : [])
        {
            var members = objects[random.Next(objects.Count)].Members;
            members.Insert(random.Next(members.Count + 1), New(name, NewValues[random.Next(NewValues.Length)]));
        }

        return objects.Count > 0;
    }

    private static Tree.Member New(string name, string value) => new($"\"{name}\"", Tree.Parse(value));

    private static string Escaped(char c, Random random) => random.Next(3) == 0 || c < ' ' || c is '"' or '\\' || char.IsSurrogate(c)
        ? "\\u" + ((int)c).ToString(random.Next(2) == 0 ? "x4" : "X4", CultureInfo.InvariantCulture)
        : c.ToString();

    private static string Respelled(string raw, Random random)
    {
        var e = raw.IndexOfAny(['e', 'E']);
        var (mantissa, exponent) = e < 0 ? (raw, "") : (raw[..e], raw[e..]);
        var isWhole = !mantissa.Contains('.', StringComparison.Ordinal);
        if (exponent.Length > 18) return raw; // such numbers count as they are written

        var isZero = mantissa.All(c => c is '-' or '0' or '.');
        return random.Next(5) switch
        {
            0 => mantissa + (isWhole ? ".000" : "000") + exponent,
            1 when e < 0 => mantissa + "E+00",
            2 when e < 0 && isWhole && !isZero => mantissa + "00e-2",
            3 when isZero => mantissa[0] == '-' ? raw[1..] : "-" + raw,
            4 when e >= 0 => mantissa + exponent.ToUpperInvariant().Replace("E-", "E-0", StringComparison.Ordinal),
            _ => raw,
        };
    }
}
