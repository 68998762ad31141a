using Xunit.Abstractions;
using Xunit.Sdk;

namespace ActivityConnector.Tests.Shared.Servers;

/// <summary>A test of a contract that several classes inherit; it is skipped only in the class whose server is missing (<see cref="INeedsServer"/>).</summary>
[AttributeUsage(AttributeTargets.Method)]
[XunitTestCaseDiscoverer("ActivityConnector.Tests.Shared.Servers.ContractFactDiscoverer", "ActivityConnector.Tests")]
public sealed class ContractFactAttribute : FactAttribute;

/// <summary>As <see cref="ContractFactAttribute"/>, with cases.</summary>
[AttributeUsage(AttributeTargets.Method)]
[XunitTestCaseDiscoverer("ActivityConnector.Tests.Shared.Servers.ContractTheoryDiscoverer", "ActivityConnector.Tests")]
public sealed class ContractTheoryAttribute : TheoryAttribute;

/// <summary>What a test class needs beside this process.</summary>
public interface INeedsServer
{
    /// <summary>Why it cannot be had; null when it can.</summary>
    static abstract string? Missing { get; }
}

/// <summary>Found by xunit by its name.</summary>
public sealed class ContractFactDiscoverer(IMessageSink messages) : FactDiscoverer(messages)
{
    protected override IXunitTestCase CreateTestCase(ITestFrameworkDiscoveryOptions discoveryOptions, ITestMethod testMethod, IAttributeInfo factAttribute) =>
        new ContractTestCase(
            DiagnosticMessageSink,
            discoveryOptions.MethodDisplayOrDefault(),
            discoveryOptions.MethodDisplayOptionsOrDefault(),
            testMethod,
            null);
}

/// <summary>Found by xunit by its name.</summary>
public sealed class ContractTheoryDiscoverer(IMessageSink messages) : TheoryDiscoverer(messages)
{
    protected override IEnumerable<IXunitTestCase> CreateTestCasesForDataRow(
        ITestFrameworkDiscoveryOptions discoveryOptions, ITestMethod testMethod, IAttributeInfo theoryAttribute, object[] dataRow) =>
        [
            new ContractTestCase(
                DiagnosticMessageSink,
                discoveryOptions.MethodDisplayOrDefault(),
                discoveryOptions.MethodDisplayOptionsOrDefault(),
                testMethod,
                dataRow),
        ];
}

/// <summary>Skipped when its class says that its server is missing.</summary>
public sealed class ContractTestCase : XunitTestCase
{
    [Obsolete("For xunit, which makes it again from its text.")]
    public ContractTestCase()
    {
    }

    public ContractTestCase(IMessageSink messages, TestMethodDisplay display, TestMethodDisplayOptions options, ITestMethod method, object[]? arguments)
        : base(messages, display, options, method, arguments)
    {
    }

    protected override string? GetSkipReason(IAttributeInfo factAttribute)
    {
        var type = TestMethod.TestClass.Class.ToRuntimeType();
        return ServerFolder.IsRequired || !typeof(INeedsServer).IsAssignableFrom(type)
            ? base.GetSkipReason(factAttribute)
            : (string?)type.GetProperty(nameof(INeedsServer.Missing))!.GetValue(null);
    }
}
