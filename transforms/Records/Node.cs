namespace ActivityConnector.Transforms.Records;

/// <summary>What an unescaped text does not have of its string.</summary>
[Flags]
internal enum TextLoss : byte
{
    None = 0,

    /// <summary>A <c>\u0000</c>, which the text leaves out.</summary>
    Nul = 1,

    /// <summary>A lone surrogate, for which the text has U+FFFD.</summary>
    Surrogate = 2,
}

internal enum NodeKind : byte
{
    Null,
    True,
    False,
    Number,
    String,
    Object,
    Array,
}

/// <summary>One JSON value. The children of a container follow it; in an object a name stands before each value.</summary>
internal struct Node
{
    public NodeKind Kind;

    /// <summary>What <see cref="Text"/> does not have of the string.</summary>
    public TextLoss Loss;

    /// <summary>A name that comes again later in its object; see <see cref="Members"/>.</summary>
    public bool IsShadowed;

    /// <summary>The value as it stands in the record; without the quotes of a string.</summary>
    public Text Raw;

    /// <summary>The text of a scalar, unescaped; nothing for null and containers.</summary>
    public Text Text;

    /// <summary>The index of the node after this one and all below it.</summary>
    public int Next;

    public readonly bool IsContainer => Kind >= NodeKind.Object;
}
