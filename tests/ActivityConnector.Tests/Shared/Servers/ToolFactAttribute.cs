namespace ActivityConnector.Tests.Shared.Servers;

/// <summary>A test that needs a tool: skipped, and counted, where it is missing; a failure where REQUIRE_SERVERS is 1.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ToolFactAttribute : FactAttribute
{
    public ToolFactAttribute(string tool) => Skip = ServerFolder.IsRequired ? null : ToolFolder.Missing(tool);
}

/// <summary>As <see cref="ToolFactAttribute"/>, with cases.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ToolTheoryAttribute : TheoryAttribute
{
    public ToolTheoryAttribute(string tool) => Skip = ServerFolder.IsRequired ? null : ToolFolder.Missing(tool);
}
