namespace ActivityConnector.Transforms;

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

    /// <summary>The string holds <c>\u0000</c>, which its text leaves out.</summary>
    public bool HasNul;

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
