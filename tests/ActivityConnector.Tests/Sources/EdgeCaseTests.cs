using System.Reflection;

namespace ActivityConnector.Tests.Sources;

/// <summary>The 56 edge cases of the two vendors each have a test with the trait <c>EdgeCase</c>.</summary>
public class EdgeCaseTests
{
    [Fact]
    public void Every_edge_case_has_a_named_test()
    {
        var tested = typeof(EdgeCaseTests).Assembly.GetTypes().SelectMany(t => t.GetMethods())
            .SelectMany(m => m.GetCustomAttributesData())
            .Where(a => a.AttributeType == typeof(TraitAttribute) && (string)a.ConstructorArguments[0].Value! == "EdgeCase")
            .Select(a => int.Parse((string)a.ConstructorArguments[1].Value!, System.Globalization.CultureInfo.InvariantCulture))
            .ToHashSet();

        Assert.Equal(Enumerable.Range(1, 56), tested.Order());
    }
}
