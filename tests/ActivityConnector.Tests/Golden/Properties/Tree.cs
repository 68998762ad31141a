using System.Text;
using System.Text.Json;

namespace ActivityConnector.Tests.Golden.Properties;

/// <summary>A JSON value that a test can change and write in another way, apart from the product's reader.</summary>
internal sealed class Tree
{
    public JsonValueKind Kind { get; private init; }

    /// <summary>A scalar as it is written, the quotes of a string included.</summary>
    public string Raw { get; set; } = "";

    public List<Member> Members { get; } = [];

    public List<Tree> Elements { get; } = [];

    /// <summary>The members that count: of a name that stands twice, the last one.</summary>
    public IEnumerable<Member> Counting => Members.Where((m, i) => Members.FindLastIndex(other => other.Key == m.Key) == i);

    public static Tree Parse(string json)
    {
        var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes(json), new JsonReaderOptions { MaxDepth = 512 });
        reader.Read();
        return Read(ref reader);
    }

    /// <summary>This value and all that count below it.</summary>
    public IEnumerable<Tree> All() => [this, .. Counting.SelectMany(m => m.Value.All()), .. Elements.SelectMany(e => e.All())];

    /// <summary>Puts the members of every object into another order. Only names that may be taken for the same keep theirs.</summary>
    public void ShuffleMembers(Random random)
    {
        foreach (var members in All().Select(tree => tree.Members))
        {
            var queues = members.GroupBy(NameOf).ToDictionary(g => g.Key, g => new Queue<Member>(g));
            var keys = members.Select(NameOf).ToArray();
            random.Shuffle(keys);
            members.Clear();
            members.AddRange(keys.Select(key => queues[key].Dequeue()));
        }

        static string NameOf(Member member) => Decoded(member.Name)?.Replace("\0", "", StringComparison.Ordinal) ?? "not Unicode";
    }

    public override string ToString() => Write(() => "", raw => raw, raw => raw);

    /// <summary>Every value that is this one with one part less: a member, an element, a half of a text, or all of a container but one part.</summary>
    public IEnumerable<Tree> Shrinks()
    {
        foreach (var part in (IEnumerable<Tree>)[.. Members.Select(m => m.Value), .. Elements]) yield return part;

        for (var i = 0; i < Members.Count; i++) yield return With(Members.Where((_, at) => at != i), Elements);

        for (var i = 0; i < Elements.Count; i++) yield return With(Members, Elements.Where((_, at) => at != i));

        for (var i = 0; i < Members.Count; i++)
        {
            foreach (var smaller in Members[i].Value.Shrinks())
            {
                yield return With(Members.Select((m, at) => at == i ? new(m.Name, smaller) : m), Elements);
            }
        }

        for (var i = 0; i < Elements.Count; i++)
        {
            foreach (var smaller in Elements[i].Shrinks()) yield return With(Members, Elements.Select((e, at) => at == i ? smaller : e));
        }

        if (Kind == JsonValueKind.String && Raw.Length > 3 && !Raw.Contains('\\'))
        {
            var half = (Raw.Length - 2) / 2;
            yield return new() { Kind = Kind, Raw = $"\"{Raw[1..(1 + half)]}\"" };
            yield return new() { Kind = Kind, Raw = $"\"{Raw[(1 + half)..^1]}\"" };
        }
    }

    private Tree With(IEnumerable<Member> members, IEnumerable<Tree> elements)
    {
        var tree = new Tree { Kind = Kind, Raw = Raw };
        tree.Members.AddRange(members);
        tree.Elements.AddRange(elements);
        return tree;
    }

    /// <param name="space">White space, asked for between any two tokens.</param>
    /// <param name="text">Another spelling of a string.</param>
    /// <param name="number">Another spelling of a number.</param>
    public string Write(Func<string> space, Func<string, string> text, Func<string, string> number)
    {
        var inner = Kind switch
        {
            JsonValueKind.Object =>
                "{" + string.Join(',', Members.Select(m => $"{space()}{text(m.Name)}{space()}:{m.Value.Write(space, text, number)}")) + space() + "}",
            JsonValueKind.Array => "[" + string.Join(',', Elements.Select(e => e.Write(space, text, number))) + space() + "]",
            JsonValueKind.String => text(Raw),
            JsonValueKind.Number => number(Raw),
            _ => Raw,
        };
        return space() + inner + space();
    }

    /// <summary>The string, or null if it is no Unicode.</summary>
    public static string? Decoded(string raw)
    {
        var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes(raw));
        reader.Read();
        try
        {
            return reader.GetString();
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    private static Tree Read(ref Utf8JsonReader reader)
    {
        var tree = new Tree { Kind = KindOf(reader.TokenType), Raw = RawOf(reader) };
        while (tree.Kind is JsonValueKind.Object or JsonValueKind.Array
            && reader.Read() && reader.TokenType is not (JsonTokenType.EndObject or JsonTokenType.EndArray))
        {
            if (tree.Kind == JsonValueKind.Array)
            {
                tree.Elements.Add(Read(ref reader));
                continue;
            }

            var name = RawOf(reader);
            reader.Read();
            tree.Members.Add(new(name, Read(ref reader)));
        }

        return tree;
    }

    private static JsonValueKind KindOf(JsonTokenType token) => token switch
    {
        JsonTokenType.StartObject => JsonValueKind.Object,
        JsonTokenType.StartArray => JsonValueKind.Array,
        JsonTokenType.String => JsonValueKind.String,
        JsonTokenType.Number => JsonValueKind.Number,
        JsonTokenType.True => JsonValueKind.True,
        JsonTokenType.False => JsonValueKind.False,
        _ => JsonValueKind.Null,
    };

    private static string RawOf(in Utf8JsonReader reader)
    {
        var text = Encoding.UTF8.GetString(reader.ValueSpan);
        return reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName ? $"\"{text}\"" : text;
    }

    /// <param name="Name">As it is written, with its quotes.</param>
    internal sealed record Member(string Name, Tree Value)
    {
        /// <summary>Equal for names that are the same.</summary>
        public string Key { get; } = Decoded(Name) ?? "as written: " + Name;

        public bool IsNull => Value.Kind == JsonValueKind.Null;
    }
}
