namespace ActivityConnector.Tests.Detections;

/// <summary>That a query names a field, and for what.</summary>
/// <param name="Kind">For example <c>==</c>, <c>like</c>, <c>by</c>, <c>MAX</c>.</param>
/// <param name="IsOptional">Whether the query allows that no index has it.</param>
/// <param name="Literal">What it is compared with: text, a number, a Boolean; null when with nothing.</param>
internal sealed record FieldUse(string Name, string Kind, bool IsOptional = false, object? Literal = null);
